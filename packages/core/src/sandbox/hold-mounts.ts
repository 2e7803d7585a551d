import { close, openSync } from 'node:fs'

/**
 * Keeps the mounts of a process until they are given up. Whoever ends last in a mount namespace takes it down before its parent hears of its end, which
 * waits for every processor (synchronize_rcu_expedited); so that is done later, and on a thread.
 * @param pid a process that is ours as long as nobody has waited for it
 * @returns gives them up; safe to call twice
 */
export function holdMounts(pid: number): () => void {
  let descriptor = openNamespace(pid)
  return () => {
    if (descriptor !== undefined) close(descriptor, () => undefined)
    descriptor = undefined
  }
}

/** It only takes longer where they cannot be held. */
function openNamespace(pid: number): number | undefined {
  try {
    return openSync(`/proc/${pid}/ns/mnt`, 'r')
  } catch {
    return undefined
  }
}
