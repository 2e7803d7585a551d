import type { RunEnding } from '../contract/run.js'
import type { WatchedEnd } from './supervise-run.js'

/** An ending in the words of the contract. */
export interface DescribedEnd {
  readonly ending: RunEnding
  readonly exitCode: number | undefined
  readonly signal: string | undefined
  readonly summary: string
}

const LONGEST_LINE = 1_000
const NOT_EXECUTABLE = 126
const NOT_FOUND = 127
const SIGNALLED = 128
/** What a program that was held before its start is executed by. */
const HELD = 'janus-start: '
/** Names of signal(7) on x86_64 and aarch64. */
const SIGNALS: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  10: 'SIGUSR1',
  11: 'SIGSEGV',
  12: 'SIGUSR2',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
  24: 'SIGXCPU',
  25: 'SIGXFSZ',
  31: 'SIGSYS',
}
const REASONS: Readonly<Record<NonNullable<WatchedEnd['reason']>, string>> = {
  timeout: 'it did not end in time and was ended',
  'out-of-memory': 'it used more memory than it may and was ended',
  'cpu-limit': 'it used more processor time than it may and was ended',
  'output-limit': 'it wrote more output than it may and was ended',
  cancelled: 'it was cancelled',
}

/**
 * Tells how a run ended. A status above 128 is what bubblewrap makes of a signal, and what a shell makes of one; a program that exits with it on purpose
 * cannot be told apart.
 */
export function describeEnd({ reason, status, wasSetUp, wasKilled, stderr, usage }: WatchedEnd): DescribedEnd {
  const signal = status !== undefined && status > SIGNALLED ? SIGNALS[status - SIGNALLED] : undefined
  const exitCode = signal === undefined ? status : undefined
  if (reason !== undefined) {
    const ended = status === undefined ? 'SIGKILL' : signal
    return { ending: reason, exitCode, signal: ended, summary: REASONS[reason] }
  }
  if (usage.outOfMemory > 0 && exitCode !== 0) {
    return {
      ending: 'out-of-memory',
      exitCode,
      signal: signal ?? 'SIGKILL',
      summary: 'the kernel ended it: there was no memory left for it',
    }
  }
  if (status === undefined) {
    return wasKilled
      ? { ending: 'signalled', exitCode, signal: 'SIGKILL', summary: 'it was killed from outside' }
      : notStarted(wasSetUp ? 'the program could not be executed' : 'its sandbox could not be set up', stderr.text)
  }
  if ((status === NOT_EXECUTABLE || status === NOT_FOUND) && stderr.text.startsWith(HELD)) {
    return notStarted('the program could not be executed', stderr.text)
  }
  if (signal === 'SIGXCPU') return { ending: 'cpu-limit', exitCode, signal, summary: REASONS['cpu-limit'] }
  if (signal !== undefined) return { ending: 'signalled', exitCode, signal, summary: `${signal} ended it` }
  return { ending: 'exited', exitCode, signal, summary: `it ended with status ${status}` }
}

function notStarted(what: string, said: string): DescribedEnd {
  const summary = `${what}: ${firstLine(said) || 'it said nothing'}`
  return { ending: 'not-started', exitCode: undefined, signal: undefined, summary }
}

function firstLine(text: string): string {
  return (
    text
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.slice(0, LONGEST_LINE) ?? ''
  )
}
