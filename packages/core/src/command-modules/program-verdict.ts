import { constants } from 'node:os'
import type { ProgramEnd } from './program-runner.js'

/** What the end of a program means by the return codes of Module API v1. */
export type ProgramVerdict =
  | { readonly kind: 'ok' }
  /** An expected failure: the host or the configuration is not fit. */
  | { readonly kind: 'refused' }
  /** The program itself failed; `how` is a clause: `ended with exit code 3`. */
  | { readonly kind: 'failed'; readonly how: string }

/** Judges how a program ended: 0 is success, 1 an expected failure, everything else its own failure. */
export function programVerdict(
  end: Pick<ProgramEnd, 'exitCode' | 'signal' | 'timedOut'>,
  timeout: number,
): ProgramVerdict {
  const { exitCode, signal, timedOut } = end
  if (timedOut) return failed(`did not end within ${timeout / 1_000} seconds and was ended`)
  if (exitCode === 0) return { kind: 'ok' }
  if (exitCode === 1) return { kind: 'refused' }
  if (exitCode === 126) return failed('ended with exit code 126: something it runs is not executable')
  if (exitCode === 127) return failed('ended with exit code 127: something it runs was not found')
  const name = signal ?? (exitCode === undefined ? undefined : signalOf(exitCode))
  if (name !== undefined) return failed(`was ended by signal ${name}`)
  return failed(exitCode === undefined ? 'ended, nobody knows how' : `ended with exit code ${exitCode}`)
}

/** A shell reports the signal that ended its child as 128 and its number. */
function signalOf(exitCode: number): string | undefined {
  if (exitCode <= 128) return undefined
  return Object.entries(constants.signals).find(([, number]) => number === exitCode - 128)?.[0]
}

function failed(how: string): ProgramVerdict {
  return { kind: 'failed', how }
}
