import { readFileSync } from 'node:fs'
import { basename } from 'node:path'

/**
 * True for the hand of a transaction of core: `node …/dist/hand.js <number of its parent>`, started by the daemon itself. Only a child of the daemon is asked
 * about, so no program in a sandbox can pass for one.
 */
export function isHand({ pid }: { readonly pid: number }, parent: number): boolean {
  try {
    const [, program = '', of] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    return basename(program) === 'hand.js' && of === String(parent)
  } catch {
    return false
  }
}
