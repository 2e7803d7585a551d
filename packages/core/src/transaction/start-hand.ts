import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Hand, HandAnswer, HandOrder } from '../contract/hand.js'
import { janusError } from '../errors/janus-error.js'
import { placeOnDisk } from '../state/place-on-disk.js'
import { readProcessIdentity } from '../state/process-identity.js'
import { HAND_READY, HAND_SPENT } from './hand-words.js'

/** Milliseconds; a machine under load takes seconds to start node. */
const START_DEADLINE = 60_000

/**
 * Starts a hand as a child process in a group of its own, so that a Ctrl-C meant for the caller does not end it in the
 * middle of an order.
 * @throws JANUS_INTERNAL when it cannot be started; JANUS_PNP_UNSUPPORTED when Yarn keeps it in an archive
 */
export async function startHand(): Promise<Hand> {
  const child = spawn(process.execPath, [handProgram(), String(process.pid)], {
    cwd: '/',
    detached: true,
    env: {},
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  let spent = false
  let answered: ((line: string | HandAnswer) => void) | undefined
  let output = ''
  const settle = (line: string | HandAnswer): void => {
    const resolve = answered
    answered = undefined
    resolve?.(line)
  }
  const answerWithin = (deadline: number): Promise<string | HandAnswer> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => {
        spent = true
        // It ends as soon as the kernel lets go of it; a recovery in this very process waits for that.
        child.stdin.end()
        settle({ outcome: 'hung' })
      }, deadline)
      answered = (line) => {
        clearTimeout(timer)
        resolve(line)
      }
    })
  child.stdout.setEncoding('utf8')
  child.stdout.on('data', (text: string) => {
    output += text
    const end = output.indexOf('\n')
    if (end === -1) return
    const line = output.slice(0, end)
    output = output.slice(end + 1)
    settle(line)
  })
  const lost = (): void => {
    spent = true
    settle({ outcome: 'failed', errno: 'EHAND', message: 'the hand ended before it answered' })
  }
  child.on('error', lost)
  child.on('exit', lost)
  child.stdin.on('error', lost)
  // A hand that is stuck in the kernel must not keep its parent from ending.
  const ready = answerWithin(START_DEADLINE)
  child.unref()
  for (const stream of [child.stdin, child.stdout]) (stream as unknown as { unref(): void }).unref()

  const identity = child.pid === undefined ? undefined : await readProcessIdentity(child.pid)
  if (identity === undefined || (await ready) !== HAND_READY.trimEnd())
    throw janusError('JANUS_INTERNAL', 'the hand process could not be started')

  let queue: Promise<unknown> = Promise.resolve()
  const performNow = async (order: HandOrder, deadline: number): Promise<HandAnswer> => {
    if (spent) return { outcome: 'failed', errno: HAND_SPENT, message: 'the hand takes no further order' }
    const answer = answerWithin(deadline)
    child.stdin.write(`${JSON.stringify(order)}\n`)
    const line = await answer
    return typeof line === 'string' ? (JSON.parse(line) as HandAnswer) : line
  }

  return {
    ...identity,
    get spent() {
      return spent
    },
    perform(order, deadline) {
      const answer = queue.then(() => performNow(order, deadline))
      queue = answer
      return answer
    },
    async end() {
      spent = true
      child.stdin.end()
      child.stdout.destroy()
    },
  }
}

/**
 * The built program, found the same way from the sources and from an installed package. It runs without anybody's
 * loader, so the package asks Yarn for a folder of its own instead of an archive (`preferUnplugged`).
 */
function handProgram(): string {
  const core = dirname(createRequire(import.meta.url).resolve('@janus/core/package.json'))
  const { path, isArchive } = placeOnDisk(join(core, 'dist', 'hand.js'))
  if (!isArchive) return path
  const remedy =
    'Set `"dependenciesMeta": { "@janus/core": { "unplugged": true } }` in package.json and run `yarn install`.'
  throw janusError('JANUS_PNP_UNSUPPORTED', `the hand lies in ${path}, where only Yarn's loader finds it`, { remedy })
}
