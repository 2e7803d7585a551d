import { readSync, writeSync } from 'node:fs'
import type { HandOrder } from '../contract/hand.js'
import { HAND_READY } from './hand-words.js'
import { performOrder } from './perform-order.js'

const NEWLINE = 0x0a

/**
 * The hand: says that it is ready, then reads one order a line from standard input, performs it, answers with one line
 * on standard output. It ends at end-of-file and starts nothing once its parent is gone. Orders are read synchronously, so
 * that nothing is read before the order at hand has ended, whoever is gone by then.
 */
async function serve(parentPid: number): Promise<void> {
  writeSync(1, HAND_READY)
  let pending: Buffer = Buffer.alloc(0)
  const chunk = Buffer.alloc(65_536)
  for (;;) {
    const end = pending.indexOf(NEWLINE)
    if (end === -1) {
      const count = readSync(0, chunk, 0, chunk.length, null)
      if (count === 0) return
      pending = Buffer.concat([pending, chunk.subarray(0, count)])
      continue
    }
    const order = JSON.parse(pending.toString('utf8', 0, end)) as HandOrder
    pending = pending.subarray(end + 1)
    if (process.ppid !== parentPid) return
    writeSync(1, `${JSON.stringify(await performOrder(order))}\n`)
  }
}

try {
  await serve(Number(process.argv[2]))
} catch (error) {
  // A parent that died between order and answer closes the pipe; there is nobody left to tell.
  process.exitCode = (error as NodeJS.ErrnoException).code === 'EPIPE' ? 0 : 2
}
