import type { UndoChange } from '../contract/change.js'
import type { Mismatch } from './host-matches.js'

const OF_A_TASK = /^\/proc\/[1-9]\d*\//

/**
 * Why a change is needless although the host is not what it expects: it is about a task (`mayFail` names ESRCH), and what
 * differs is that the task has ended, is another one by now, or was moved by somebody else. Neither can be helped, and
 * a write would reach the wrong one.
 */
export function reasonTaskIsGone({ mayFail }: UndoChange, { path, found }: Mismatch): string | undefined {
  if (mayFail?.errors.includes('ESRCH') !== true || !OF_A_TASK.test(path)) return undefined
  return `ESRCH: ${mayFail.because} (${path}: ${found})`
}
