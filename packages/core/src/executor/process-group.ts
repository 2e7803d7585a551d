import { setTimeout as delay } from 'node:timers/promises'

/** Milliseconds between SIGTERM and SIGKILL. */
export const GRACE = 500

const POLL = 10

/**
 * Ends a process group: SIGTERM, then SIGKILL to what is left of it after the grace.
 * @param group process id of its leader, which was started as one
 */
export async function endGroup(group: number): Promise<void> {
  if (!signalGroup(group, 'SIGTERM')) return
  const deadline = performance.now() + GRACE
  while (performance.now() < deadline) {
    await delay(POLL)
    if (!signalGroup(group, 0)) return
  }
  signalGroup(group, 'SIGKILL')
}

/**
 * Sends a signal to every member of a process group.
 * @returns false when nobody is left
 */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal)
    return true
  } catch (error) {
    // EPERM: members are there, but became somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
