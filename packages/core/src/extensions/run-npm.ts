import type { Executor } from '../contract/executor.js'
import { janusError } from '../errors/janus-error.js'

const DEADLINE = 300_000
const MOST_OUTPUT = 8 * 1_048_576
const LONGEST_REASON = 500

/** How npm is run. */
export interface NpmRun {
  readonly executor: Executor
  readonly env: Readonly<Record<string, string>>
  /** Directory whose `.npmrc` counts: never that of a project somebody stands in. */
  readonly cwd: string
  readonly signal?: AbortSignal
}

/** What npm is asked. */
export interface NpmCall {
  readonly command: 'view' | 'install' | 'uninstall'
  readonly flags: readonly string[]
  /** Never taken for flags, whatever they begin with. */
  readonly words: readonly string[]
}

const QUIET = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error', '--logs-max=0']

/**
 * Runs npm, with arguments only.
 * @returns what it wrote to standard output
 * @throws JANUS_PACKAGE_NOT_FOUND, JANUS_PACKAGE_MANAGER_FAILED, JANUS_EXECUTOR_NOT_FOUND, JANUS_EXECUTOR_CANCELLED
 */
export async function runNpm({ executor, env, cwd, signal }: NpmRun, call: NpmCall): Promise<string> {
  const args = [call.command, ...QUIET, ...call.flags, '--', ...call.words]
  const result = await executor.run('npm', args, {
    cwd,
    env,
    timeout: DEADLINE,
    maxOutput: MOST_OUTPUT,
    ...(signal === undefined ? {} : { signal }),
  })
  if (result.exitCode === 0 && !result.truncated) return result.stdout
  if (result.timedOut) throw failed(`npm ${call.command} did not end within ${DEADLINE / 1_000} seconds`)
  const text = `${result.stderr}\n${result.stdout}`
  const said = text.split('\n').map((line) => line.replace(/^npm (error|ERR!)\s*/, '').trim())
  const reason = said.find((line) => line !== '' && !/^code /.test(line))?.slice(0, LONGEST_REASON) ?? 'it said nothing'
  if (/\b(E404|ETARGET|No match found|No matching version)\b/.test(text))
    throw janusError('JANUS_PACKAGE_NOT_FOUND', `npm ${call.command}: ${reason}`)
  throw failed(`npm ${call.command} failed: ${reason}`)
}

function failed(message: string): Error {
  return janusError('JANUS_PACKAGE_MANAGER_FAILED', message)
}
