import type { Actor } from './actor.js'

/** What can make everything stop. */
export const STOP_KINDS = [
  /** The emergency stop file was there. */
  'file',
  /** Somebody asked for it: `janus agent stop`. */
  'command',
  /** SIGUSR2 to the daemon or to its supervisor. */
  'signal',
  'constitutional-violation',
  /** So many violations of watchdog and quotas as the settings allow. */
  'limit-violations',
  /** The files of the record could not be verified. */
  'verification',
  /** The sandbox does not hold. */
  'self-test',
  /** The supervisor does not stay up. */
  'controls',
] as const

/** What made everything stop. */
export type StopKind = (typeof STOP_KINDS)[number]

/** Why everything is to stop, and who wants it. */
export interface StopCause {
  readonly kind: StopKind
  /** In words. Untrusted where it was read from a file. */
  readonly summary: string
  readonly by: Actor
}

/** A stop that stands until a person lifts it. */
export interface StandingStop extends StopCause {
  /** ISO 8601. */
  readonly at: string
}

/** What became of a stop. */
export interface StopReport {
  readonly cause: StopCause
  /** Processes that were ended, as far as they were counted; another process may have ended some. */
  readonly ended: number
  /** Processes that did not end by SIGKILL in time: they are in the kernel. */
  readonly left: readonly { readonly pid: number; readonly startTime: string }[]
  /** The file that keeps it standing after a restart; undefined when none could be written yet. */
  readonly file: string | undefined
  /** Proposals that were suspended, and those of them that were being executed. */
  readonly suspended: readonly string[]
  readonly executing: readonly string[]
  /** What could not be done, each as one sentence. */
  readonly problems: readonly string[]
}

/** A limit that was broken: the event loop stood still for too long, or a run used up what it was given. */
export type BrokenLimit = 'watchdog' | 'quota'
