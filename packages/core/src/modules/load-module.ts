import { realpath, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { CommandModules } from '../command-modules/index.js'
import { UNSTATED } from '../command-modules/program-metadata.js'
import type { JanusModule } from '../contract/module.js'
import type { RunnableModule } from '../contract/runnable-module.js'
import type { JanusErrorCode } from '../errors/codes.js'
import { isJanusError, janusError } from '../errors/janus-error.js'
import type { ModuleIsolation } from '../isolation/index.js'
import type { DiscoveredModule, ModuleCode } from './discovered-module.js'
import { inProcessModule } from './in-process-module.js'
import { chooseModule } from './module-shape.js'
import { isOwnFile } from './package-file.js'

const IMPORT_DEADLINE = 10_000

/**
 * Imports a module that was found and checks that it is what its manifest says. Its code runs: in this process, or in a
 * child where it was found to need one.
 * @param deadline milliseconds that the import may take: a module can wait for ever at its top level
 * @param isolation what isolated modules share; default: nothing, each has its own
 * @param commands what modules that are programs share, and how bash runs its own
 * @throws the first error among its diagnostics; JANUS_MODULE_ENTRY_OUTSIDE_PACKAGE,
 * JANUS_MODULE_IMPORT_FAILED, JANUS_MODULE_SHAPE_INVALID, JANUS_MODULE_VERSION_DRIFT
 */
export async function loadModule(
  found: DiscoveredModule,
  deadline = IMPORT_DEADLINE,
  isolation?: ModuleIsolation,
  commands?: CommandModules,
): Promise<RunnableModule> {
  const problem = found.diagnostics.find(({ severity }) => severity === 'error')
  if (problem !== undefined)
    throw errorOf(found, problem.code as JanusErrorCode, problem.summary, { remedy: problem.remedy })
  if (found.module !== undefined) return inProcessModule(found.module)
  if (found.code === undefined)
    throw errorOf(found, 'JANUS_INTERNAL', `module ${found.id} has neither code nor a reason`)
  if (found.code.kind === 'command') {
    const { createCommandModules } = await import('../command-modules/index.js')
    return (commands ?? createCommandModules()).load(found)
  }
  const entry = await entryInside(found, found.code)
  if (found.isolation === 'sandbox' || found.isolation === 'subprocess') {
    const { createModuleIsolation } = await import('../isolation/index.js')
    return (isolation ?? createModuleIsolation()).load(found, found.isolation)
  }
  const namespace = await importEntry(found, entry, deadline)
  const choice = chooseModule({ namespace, id: found.id, export: found.code.export })
  if ('problem' in choice)
    throw errorOf(found, 'JANUS_MODULE_SHAPE_INVALID', `${entry} is not a module: ${choice.problem}`)
  requireSameIdentity(found, choice.module)
  return inProcessModule(choice.module)
}

/** The entry without links: a link out of the package would run what nobody named. */
async function entryInside(found: DiscoveredModule, { directory, entry }: ModuleCode): Promise<string> {
  let path: string
  try {
    path = await realpath(join(directory, entry))
  } catch (error) {
    throw errorOf(found, 'JANUS_MODULE_IMPORT_FAILED', `entry ${entry} of package ${found.source} does not exist`, {
      cause: error,
    })
  }
  if (!path.startsWith(`${directory}/`) || !isOwnFile(relative(directory, path))) {
    throw errorOf(
      found,
      'JANUS_MODULE_ENTRY_OUTSIDE_PACKAGE',
      `entry ${entry} of package ${found.source} lies outside of ${directory}`,
    )
  }
  if (!(await stat(path)).isFile()) {
    throw errorOf(found, 'JANUS_MODULE_IMPORT_FAILED', `entry ${entry} of package ${found.source} is not a file`)
  }
  return path
}

async function importEntry(
  found: DiscoveredModule,
  entry: string,
  deadline: number,
): Promise<Readonly<Record<string, unknown>>> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not finish within ${deadline / 1_000} seconds`)), deadline)
  })
  try {
    const imported = import(/* @vite-ignore */ pathToFileURL(entry).href) as Promise<Readonly<Record<string, unknown>>>
    return await Promise.race([imported, late])
  } catch (error) {
    const message = `the code of ${found.id} in ${entry} could not be imported: ${firstLine(error)}`
    throw errorOf(found, 'JANUS_MODULE_IMPORT_FAILED', message, { cause: error })
  } finally {
    clearTimeout(timer)
  }
}

function requireSameIdentity(found: DiscoveredModule, { metadata }: JanusModule): void {
  for (const name of ['id', 'type'] as const) {
    if (metadata[name] === found[name] || found[name] === UNSTATED) continue
    const message = `the manifest of ${found.source} calls ${name} ${JSON.stringify(found[name])}, the module ${JSON.stringify(metadata[name])}`
    throw errorOf(found, 'JANUS_MODULE_SHAPE_INVALID', message)
  }
  if (metadata.version === found.version || found.version === UNSTATED) return
  const message = `module ${found.id} states version ${JSON.stringify(metadata.version)}, its package ${found.source} is ${found.version}`
  throw errorOf(found, 'JANUS_MODULE_VERSION_DRIFT', message)
}

/** Whoever wrote the module is named before us: the failure is theirs. */
function errorOf(
  found: DiscoveredModule,
  code: JanusErrorCode,
  message: string,
  details: { readonly cause?: unknown; readonly remedy?: string | undefined } = {},
): Error {
  const bugs = found.code?.bugs
  const remedy = details.remedy ?? (bugs === undefined ? undefined : `Report it to ${bugs}.`)
  return janusError(code, message, {
    module: found.id,
    data: { package: found.source, version: found.version, ...(found.path === undefined ? {} : { path: found.path }) },
    ...(details.cause === undefined ? {} : { cause: details.cause }),
    ...(remedy === undefined ? {} : { remedy }),
  })
}

/** A module may throw anything, also something that throws when it is turned into text. */
function firstLine(error: unknown): string {
  try {
    const text = isJanusError(error) || error instanceof Error ? error.message : String(error)
    return JSON.stringify((text.split('\n', 1)[0] ?? '').slice(0, 500)).slice(1, -1)
  } catch {
    return 'it threw something that cannot be printed'
  }
}
