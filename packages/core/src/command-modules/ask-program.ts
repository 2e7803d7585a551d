import type { ModuleRun } from '../contract/runnable-module.js'
import type { DiscoveredModule } from '../modules/discovered-module.js'
import { commandModuleError } from './command-module-error.js'
import { logOutput, type OutputLine, outputLines } from './log-lines.js'
import { optionsEnvironment, type ProgramOptions } from './options-environment.js'
import { type BashMode, type ModuleProgram, questionCommand } from './program-command.js'
import { logLibrary, programEnvironment } from './program-environment.js'
import { lastLines } from './program-findings.js'
import type { ProgramEnd, ProgramRunner } from './program-runner.js'
import { programVerdict } from './program-verdict.js'

/** A program that can be asked. */
export interface AskedProgram {
  readonly found: DiscoveredModule
  readonly program: ModuleProgram
  readonly reads: readonly string[]
  readonly runner: ProgramRunner
  readonly mode: BashMode
  /** Milliseconds for one question. */
  readonly timeout: number
  /** Of a check that somebody named a target for. */
  readonly options?: ProgramOptions
}

/** A program's answer to a question. */
export interface ProgramAnswer extends ProgramEnd {
  readonly lines: readonly OutputLine[]
}

/** The sandbox has a home of its own; nobody else's is named. */
const HOME = '/'

/**
 * Asks a program what it is, or what it thinks of the machine. What it logs reaches the log; `check` may end with 1.
 * @throws JANUS_MODULE_CRASHED naming how it ended and what it said last; what {@link ProgramRunner.run} throws
 */
export async function askProgram(
  asked: AskedProgram,
  action: 'meta' | 'check',
  run: Pick<ModuleRun, 'log' | 'signal'>,
): Promise<ProgramAnswer> {
  const { found, program, reads, runner, mode, timeout, options = {} } = asked
  const end = await runner.run({
    ...questionCommand(program, action, mode),
    env: { ...programEnvironment(HOME), ...optionsEnvironment(options) },
    reads: [...reads, logLibrary()],
    looksAtMachine: action === 'check',
    timeout,
    signal: run.signal,
  })
  const log = run.log.child({ module: found.id })
  const lines = [...outputLines(end.stdout), ...outputLines(end.stderr)]
  if (action === 'check') logOutput(log, lines)
  if (end.truncated) log.warn(`${action} wrote more than is kept; the rest is not looked at`)
  const verdict = programVerdict(end, timeout)
  if (verdict.kind === 'ok' || (verdict.kind === 'refused' && action === 'check')) return { ...end, lines }
  const how = verdict.kind === 'failed' ? verdict.how : 'ended with exit code 1'
  const last = lastLines(lines, 3).replaceAll('\n', ' | ')
  const data = { action, exitCode: end.exitCode, signal: end.signal, output: lastLines(lines) }
  const message = `${program.path} ${action} ${how}${last === '' ? '' : `: ${last}`}`
  throw commandModuleError(found, 'JANUS_MODULE_CRASHED', message, { data })
}
