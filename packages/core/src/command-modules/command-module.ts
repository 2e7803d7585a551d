import type { ModuleAnswer, ModuleRun, RunnableModule } from '../contract/runnable-module.js'
import { SUPPORTED_MODULE_API } from '../contract/symbols.js'
import { createNullLogger } from '../logging/index.js'
import type { DiscoveredModule } from '../modules/discovered-module.js'
import { askProgram } from './ask-program.js'
import { commandModuleError } from './command-module-error.js'
import { type ConfirmedMetadata, confirmMetadata } from './confirm-metadata.js'
import { type LocatedProgram, locateProgram } from './locate-program.js'
import { plainText } from './log-lines.js'
import { optionsEnvironment, programOptions, programOptionsSchema } from './options-environment.js'
import { applyChange, leftOversChange, type ProgramChangeSettings } from './program-change.js'
import type { BashMode } from './program-command.js'
import { logLibrary, programEnvironment } from './program-environment.js'
import { programFindings } from './program-findings.js'
import { libraryConditions, unchanged } from './program-libraries.js'
import { UNSTATED } from './program-metadata.js'
import type { ProgramRunner } from './program-runner.js'

/** How the program of a module is run. */
export interface CommandModuleSettings {
  /** Runs it for `meta` and `check`; `apply` and `rollback` are run by the transaction. */
  readonly runner: ProgramRunner
  /** True when changes that make root run something are taken from it: all of its changes do. */
  readonly trusted: boolean
  /** How bash runs its modules (`JANUS_MODULE_EXEC_MODE`). Default `source`. */
  readonly mode?: BashMode
  /** What HOME names in an apply or a rollback. Default `/root`: they run as root. */
  readonly home?: string
  /** Milliseconds. */
  readonly deadlines?: {
    /** Of `meta` and `check` each. Default 30 000. */
    readonly question?: number
    /** Of `apply` and `rollback` each. Default 600 000. */
    readonly change?: number
  }
}

const LONGEST_SUMMARY = 500

/**
 * Makes a module of a program in any language: `<program> meta|check|apply|rollback`. Its `meta` is compared with what
 * it was found as before its first run; one that was found without a type or version is asked for them now.
 * @throws what {@link locateProgram} throws; what {@link askProgram} throws; JANUS_INTERNAL for a module without code
 */
export async function commandModule(
  discovered: DiscoveredModule,
  settings: CommandModuleSettings,
): Promise<RunnableModule> {
  if (discovered.code === undefined)
    throw commandModuleError(discovered, 'JANUS_INTERNAL', 'it has neither code nor a reason')
  const located = await locateProgram(discovered, discovered.code)
  const { runner, mode = 'source', home = '/root', deadlines = {} } = settings
  const { question = 30_000, change = 600_000 } = deadlines
  const askable = { ...located, runner, mode, timeout: question }
  const meta = async (found: DiscoveredModule, run: Pick<ModuleRun, 'log' | 'signal'>) => {
    const { stdout } = await askProgram({ ...askable, found }, 'meta', run)
    return confirmMetadata(found, located, mode, stdout, run.log)
  }
  const isStated = discovered.type !== UNSTATED && discovered.version !== UNSTATED
  const known = isStated ? discovered : await meta(discovered, nobody())
  const { type, version } = known
  const found: DiscoveredModule = { ...discovered, type, version }
  const { id } = found

  let confirmation: Promise<ConfirmedMetadata> | undefined
  const confirmed = async (run: ModuleRun): Promise<ConfirmedMetadata> => {
    confirmation ??= meta(found, run)
    // A question that was cancelled is asked again.
    return confirmation.catch((error: unknown) => {
      confirmation = undefined
      throw error
    })
  }

  const plan = async (
    make: (settings: ProgramChangeSettings) => unknown,
    run: ModuleRun,
    given: unknown,
  ): Promise<ModuleAnswer> => {
    const options = programOptions(id, given)
    requireLiveHost(found, run)
    const { functions } = await confirmed(run)
    const { program } = located
    const expect = [await unchanged(found, program.path, run), ...(await libraryConditions(found, run))]
    const isSourced = program.language === 'bash' && mode === 'source'
    const log = isSourced ? [await unchanged(found, logLibrary(), run)] : []
    const env = { ...programEnvironment(home), ...optionsEnvironment(options) }
    const one = make({ program, expect, log, name: `${id} ${version}`, mode, functions, env, timeout: change })
    return { options, changes: [one] }
  }

  return {
    metadata: { id, type, version, compatApi: Math.max(...SUPPORTED_MODULE_API), summary: summaryOf(located) },
    supports: { apply: true, rollback: 'planned' },
    isolation: settings.runner.isolation,
    trusted: settings.trusted,
    optionsSchema: async () => programOptionsSchema(),
    async check(run, given) {
      const options = programOptions(id, given)
      if (run.host.kind !== 'live') {
        const summary = `not asked: the program looks at the machine it runs on, not at ${run.host.description}`
        return [{ id: 'check', status: 'skipped', summary }]
      }
      await confirmed(run)
      const { exitCode, lines } = await askProgram({ ...askable, found, options }, 'check', run)
      return programFindings(lines, exitCode === 0)
    },
    apply: (run, options) => plan(applyChange, run, options),
    rollback: (run, options) => plan(leftOversChange, run, options),
  }
}

/** Whoever loads a module does not log, and cannot be cancelled but by the deadline. */
function nobody() {
  return { log: createNullLogger(), signal: new AbortController().signal }
}

function summaryOf({ summary, program }: LocatedProgram): string {
  const text = plainText(summary ?? '')
    .trim()
    .slice(0, LONGEST_SUMMARY)
  return text === '' ? `${program.language === 'bash' ? 'bash module' : 'program'} ${program.path}` : text
}

function requireLiveHost(found: DiscoveredModule, { host }: ModuleRun): void {
  if (host.kind === 'live') return
  const message = `its program acts on the machine it runs on; nothing can be planned for ${host.description}`
  throw commandModuleError(found, 'JANUS_HOST_UNFIT', message, { remedy: 'Plan it on the machine itself.' })
}
