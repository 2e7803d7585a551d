import type { SandboxStatus } from './read-status.js'

/** What prepares a sandbox that was set up, before its program exists; see {@link SandboxRequest.prepare}. */
export type PrepareSandbox = (childPid: number, signal: AbortSignal) => Promise<void>

/** A program that was launched, and all that waits for it. */
export interface LaunchedProgram {
  /** Resolves when nothing of it is waited for any more; what it started may be there for a moment longer. */
  readonly ended: Promise<void>
  hasEnded(): boolean
  /** True when whoever waited for it was ended by a signal: nothing inside can do that. */
  wasKilled(): boolean
  /** Kills all of it, while its number is nobody else's. Safe to call at any time. */
  kill(): void
}

/** A sandbox that waits for the last word before its program is there. */
export interface HeldLaunch {
  readonly program: LaunchedProgram
  readonly status: SandboxStatus
  /** Lets it go on. */
  release(): void
}

/** What became of a preparation. */
export interface Preparation {
  readonly released: boolean
  /** What was thrown while it was prepared; nothing when the sandbox had ended by then. */
  readonly failure?: unknown
}

/**
 * Has a held sandbox prepared and lets it go on. It fails closed: whatever else happens, the sandbox is killed while its
 * program does not exist.
 * @param ended aborted when the sandbox ended, or shall; nobody waits for the preparation any longer then
 */
export async function prepareLaunch(
  { program, status, release }: HeldLaunch,
  prepare: PrepareSandbox | undefined,
  ended: AbortSignal,
): Promise<Preparation> {
  if (prepare === undefined) {
    release()
    return { released: true }
  }
  try {
    await Promise.race([prepareFirst(status, prepare, ended), rejection(ended)])
    ended.throwIfAborted()
    release()
    return { released: true }
  } catch (failure) {
    program.kill()
    return ended.aborted ? { released: false } : { released: false, failure }
  }
}

async function prepareFirst(status: SandboxStatus, prepare: PrepareSandbox, ended: AbortSignal): Promise<void> {
  const childPid = await status.announced()
  if (childPid === undefined) throw new Error('bubblewrap named no process')
  ended.throwIfAborted()
  await prepare(childPid, ended)
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
