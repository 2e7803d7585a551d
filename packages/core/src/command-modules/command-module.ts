import { createHash } from 'node:crypto'
import type { ModuleAnswer, ModuleRun, RunnableModule } from '../contract/runnable-module.js'
import { SUPPORTED_MODULE_API } from '../contract/symbols.js'
import type { DiscoveredModule } from '../modules/discovered-module.js'
import { commandModuleError } from './command-module-error.js'
import { confirmMetadata } from './confirm-metadata.js'
import { type LocatedProgram, locateProgram } from './locate-program.js'
import { logOutput, type OutputLine, outputLines, plainText } from './log-lines.js'
import { optionsEnvironment, programOptions, programOptionsSchema } from './options-environment.js'
import { applyChange, leftOversChange, type ProgramChangeSettings } from './program-change.js'
import { type BashMode, type ProgramAction, programCommand } from './program-command.js'
import { logLibrary, programEnvironment } from './program-environment.js'
import { lastLines, programFindings } from './program-findings.js'
import type { ProgramEnd, ProgramRunner } from './program-runner.js'
import { programVerdict } from './program-verdict.js'

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

/** A program's answer to a question. */
interface Answer extends ProgramEnd {
  readonly lines: readonly OutputLine[]
}

const LONGEST_SUMMARY = 500
const HOME_OF_QUESTIONS = '/'

/**
 * Makes a module of a program in any language: `<program> meta|check|apply|rollback`. Its `meta` is compared with what
 * it was found as before its first run.
 * @throws what {@link locateProgram} throws; JANUS_INTERNAL for a module without code
 */
export async function commandModule(found: DiscoveredModule, settings: CommandModuleSettings): Promise<RunnableModule> {
  const { id, type, version, code } = found
  if (code === undefined) throw commandModuleError(found, 'JANUS_INTERNAL', 'it has neither code nor a reason')
  const located = await locateProgram(found, code)
  const { mode = 'source', home = '/root', deadlines = {} } = settings
  const { question = 30_000, change = 600_000 } = deadlines

  const ask = async (action: ProgramAction, run: ModuleRun): Promise<Answer> => {
    const log = run.log.child({ module: id })
    const end = await settings.runner.run({
      ...programCommand(located.program, action, mode),
      env: { ...programEnvironment(HOME_OF_QUESTIONS), ...optionsEnvironment({}) },
      reads: [...located.reads, logLibrary()],
      looksAtMachine: action === 'check',
      timeout: question,
      signal: run.signal,
    })
    const lines = [...outputLines(end.stdout), ...outputLines(end.stderr)]
    if (action !== 'meta') logOutput(log, lines)
    if (end.truncated) log.warn(`${action} wrote more than is kept; the rest is not looked at`)
    const verdict = programVerdict(end, question)
    if (verdict.kind === 'ok' || (verdict.kind === 'refused' && action === 'check')) return { ...end, lines }
    const how = verdict.kind === 'failed' ? verdict.how : 'ended with exit code 1'
    const last = lastLines(lines, 3).replaceAll('\n', ' | ')
    const message = `${located.program.path} ${action} ${how}${last === '' ? '' : `: ${last}`}`
    const data = { action, exitCode: end.exitCode, signal: end.signal, output: lastLines(lines) }
    throw commandModuleError(found, 'JANUS_MODULE_CRASHED', message, { data })
  }

  let confirmation: Promise<void> | undefined
  const confirmed = async (run: ModuleRun): Promise<void> => {
    confirmation ??= ask('meta', run).then(({ stdout }) => confirmMetadata(found, located, mode, stdout, run.log))
    // A question that was cancelled is asked again.
    await confirmation.catch((error: unknown) => {
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
    await confirmed(run)
    const digest = await digestOf(found, located, run)
    const env = { ...programEnvironment(home), ...optionsEnvironment(options) }
    const one = make({ program: located.program, digest, name: `${id} ${version}`, mode, env, timeout: change })
    return { options, changes: [one] }
  }

  return {
    metadata: { id, type, version, compatApi: Math.max(...SUPPORTED_MODULE_API), summary: summaryOf(located) },
    supports: { apply: true, rollback: 'planned' },
    isolation: settings.runner.isolation,
    trusted: settings.trusted,
    optionsSchema: async () => programOptionsSchema(),
    async check(run) {
      if (run.host.kind !== 'live') {
        const summary = `not asked: the program looks at the machine it runs on, not at ${run.host.description}`
        return [{ id: 'check', status: 'skipped', summary }]
      }
      await confirmed(run)
      const { exitCode, lines } = await ask('check', run)
      return programFindings(lines, exitCode === 0)
    },
    apply: (run, options) => plan(applyChange, run, options),
    rollback: (run, options) => plan(leftOversChange, run, options),
  }
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

async function digestOf(found: DiscoveredModule, { program }: LocatedProgram, { host }: ModuleRun): Promise<string> {
  const { value, unreadable } = await host.readBytes(program.path)
  if (value !== undefined) return createHash('sha256').update(value).digest('hex')
  const message = `${program.path} cannot be read: ${unreadable ?? 'it does not exist'}`
  throw commandModuleError(found, 'JANUS_HOST_UNREADABLE', message)
}
