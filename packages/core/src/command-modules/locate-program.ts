import { access, constants, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { DiscoveredModule, ModuleCode } from '../modules/discovered-module.js'
import { commandModuleError } from './command-module-error.js'
import type { ModuleProgram } from './program-command.js'
import { metadataProblem, quoted, UNSTATED } from './program-metadata.js'
import { readBashMetadata } from './read-bash-metadata.js'
import { readProgramText } from './read-program-text.js'

/** A program that was found to be what its module says. */
export interface LocatedProgram {
  readonly program: ModuleProgram
  /** Absolute paths that it may read while it is asked. */
  readonly reads: readonly string[]
  /** One line of its own about itself. */
  readonly summary: string | undefined
}

/**
 * Finds the file of a module, and compares what a file in bash states about itself. Nothing is executed.
 * @throws JANUS_MODULE_IMPORT_FAILED, JANUS_MODULE_ENTRY_OUTSIDE_PACKAGE, JANUS_MODULE_METADATA_INVALID,
 * JANUS_MODULE_API_UNSUPPORTED, JANUS_MODULE_VERSION_DRIFT
 */
export async function locateProgram(found: DiscoveredModule, code: ModuleCode): Promise<LocatedProgram> {
  const path = await pathInside(found, code)
  const reads = await withoutLinks((code.reads ?? ['']).map((name) => join(code.directory, name)))
  if (path.endsWith('.sh'))
    return { program: { path, language: 'bash' }, reads, summary: await bashSummary(found, path) }
  await access(path, constants.X_OK).catch((cause: unknown) => {
    throw commandModuleError(found, 'JANUS_MODULE_IMPORT_FAILED', `${path} is not executable`, {
      remedy: 'Make it executable (chmod +x); a script begins with a line like #!/usr/bin/env python3.',
      cause,
    })
  })
  return { program: { path, language: 'any' }, reads, summary: undefined }
}

async function pathInside(found: DiscoveredModule, { directory, entry }: ModuleCode): Promise<string> {
  let path: string
  try {
    path = await realpath(join(directory, entry))
  } catch (cause) {
    throw commandModuleError(found, 'JANUS_MODULE_IMPORT_FAILED', `${join(directory, entry)} does not exist`, { cause })
  }
  if (!path.startsWith(`${directory}/`)) {
    const message = `entry ${entry} lies outside of ${directory}`
    throw commandModuleError(found, 'JANUS_MODULE_ENTRY_OUTSIDE_PACKAGE', message)
  }
  if ((await stat(path)).isFile()) return path
  throw commandModuleError(found, 'JANUS_MODULE_IMPORT_FAILED', `${path} is not a file`)
}

async function bashSummary(found: DiscoveredModule, path: string): Promise<string | undefined> {
  const stated = readBashMetadata(
    await readProgramText(path).catch((cause: unknown) => {
      throw commandModuleError(found, 'JANUS_MODULE_IMPORT_FAILED', `${path} cannot be read`, { cause })
    }),
  )
  if (stated.problem !== undefined)
    throw commandModuleError(found, 'JANUS_MODULE_METADATA_INVALID', `${path}: ${stated.problem}`)
  const problem = metadataProblem(stated)
  if (problem !== undefined) throw commandModuleError(found, problem.code, `${path}: ${problem.what}`)
  requireSameMetadata(found, stated, path)
  return stated.summary
}

/**
 * Requires that a program calls itself what its manifest, or its text, does.
 * @param where it says so, for the message
 * @throws JANUS_MODULE_METADATA_INVALID, JANUS_MODULE_VERSION_DRIFT
 */
export function requireSameMetadata(
  found: DiscoveredModule,
  stated: { readonly id?: string; readonly type?: string; readonly version?: string },
  where: string,
): void {
  for (const field of ['id', 'type', 'version'] as const) {
    if (stated[field] === found[field] || found[field] === UNSTATED) continue
    const code = field === 'version' ? 'JANUS_MODULE_VERSION_DRIFT' : 'JANUS_MODULE_METADATA_INVALID'
    const message = `${where} states ${field} ${quoted(stated[field])}, it was found as ${quoted(found[field])}`
    throw commandModuleError(found, code, message)
  }
}

/** What is there and no link: a link could show a program what does not belong to its tree. */
async function withoutLinks(paths: readonly string[]): Promise<readonly string[]> {
  const real = await Promise.all(paths.map((path) => realpath(path).catch(() => undefined)))
  return paths.filter((path, index) => real[index] === path)
}
