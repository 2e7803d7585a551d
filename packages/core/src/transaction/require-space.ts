import type { Plan } from '../contract/plan.js'
import { janusError } from '../errors/janus-error.js'
import { undoChangesOf } from '../plan/undo-changes-of.js'
import { savedDigest } from './saved-digest.js'
import type { TransactionContext } from './transaction-context.js'

const MIB = 1024 * 1024

/** Bytes that stay free for the journal and its records. */
const RESERVE = 4 * MIB

/**
 * Refuses an apply before anything is touched when the file system of the state directory cannot hold what the undo
 * needs: found out in the middle, it would cost the undo of steps that are done.
 * @throws JANUS_STATE_WRITE_FAILED with the numbers
 */
export async function requireSpace({ machine, saved }: TransactionContext, plan: Plan): Promise<void> {
  const files = new Map<string, string>()
  for (const undo of plan.changes.flatMap(undoChangesOf)) {
    const digest = savedDigest(undo)
    if (digest !== undefined && 'path' in undo) files.set(digest, undo.path)
  }
  let needed = 0
  for (const [sha256, path] of files) {
    if (!(await saved.has(sha256))) needed += (await machine.host.stat(path)).value?.size ?? 0
  }
  if (needed === 0) return
  const free = await saved.freeBytes()
  if (needed + RESERVE <= free) return
  const [need, have] = [mebibytes(needed + RESERVE), mebibytes(free)]
  const message = `the state directory needs ${need} to save what the plan replaces (${[...files.values()].join(', ')}), and has ${have} free`
  throw janusError('JANUS_STATE_WRITE_FAILED', message, {
    remedy: 'Free space there, or give a state directory on a larger file system with --state-dir.',
    data: { needed: needed + RESERVE, free, files: [...files.values()] },
  })
}

function mebibytes(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`
}
