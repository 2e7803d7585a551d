import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test, vi } from 'vitest'
import { createPipeReaders } from '../../src/sandbox/pipe-readers.js'
import { prepareLaunch } from '../../src/sandbox/prepare-launch.js'
import { type PreparedProgram, prepareSandbox } from '../../src/sandbox/prepare-sandbox.js'
import { probeSandbox } from '../../src/sandbox/probe-sandbox.js'
import { systemDirectories } from '../../src/sandbox/system-directories.js'

const ROUNDS = 100
const AT_A_TIME = 3
/** Prime to the rounds: early and late moments take turns. */
const STRIDE = 37
const FIRST_DELAY = 12
const LATE = 0.8
const IDENTITY = process.geteuid?.() === 0 ? { identity: { uid: 4242, gid: 4242 } } : {}
const STORAGE = { bytes: 2 ** 20, inodes: 64 }

describe('attack 14: a sandbox whose parent is killed at any moment of its start', () => {
  test.each([
    ['without a network', false, false, 'launcher'],
    ['with one, which is prepared meanwhile', true, false, 'launcher'],
    ['with another program before it', false, true, 'launcher'],
    ['with another program before it, and a network', true, true, 'launcher'],
    ['and that alone', false, true, 'bubblewrap'],
  ])('leaves no process, %s', async (_, held, isRenewed, kills) => {
    const tools = await probeSandbox(IDENTITY)
    const mark = `janus-killed-${process.pid}-${held}-${isRenewed}-${kills}`
    const settings = { storage: STORAGE, readers: createPipeReaders(), system: await systemDirectories() }
    let announced = 0
    let mostDelay = FIRST_DELAY
    const killOne = async (moment: number): Promise<void> => {
      const prepared = await prepareSandbox({ ...tools, ...IDENTITY }, settings)
      const shell = (script: string): PreparedProgram => ({
        ...{ command: '/bin/sh', args: ['-c', script, mark], env: {} },
        ...{ readOnly: [], writable: [], sockets: [], limits: { processes: 200 }, boundsProcesses: false, held },
      })
      if (isRenewed) {
        const first = prepared.launch({ ...shell('true'), held: false })
        first.release()
        await first.program.ended
        expect(await prepared.renew()).toBe(true)
      }
      const launch = prepared.launch(shell('sleep 1000; :'))
      const ended = new AbortController()
      const prepare = () => new Promise<void>((resolve) => setTimeout(resolve, 1))
      const preparation = prepareLaunch(launch, held ? prepare : undefined, ended.signal)
      const launcher = parentOf(prepared.pid)
      await sleepFor(moment * mostDelay)
      const isAnnounced = launch.status.childPid() !== undefined
      if (isAnnounced) announced += 1
      // How long a start takes is the machine's: where it has not come so far, later moments are tried.
      else if (moment >= LATE) mostDelay *= 1.5
      process.kill(kills === 'launcher' ? parentOf(launcher) : prepared.pid, 'SIGKILL')
      ended.abort()
      await launch.program.ended
      await preparation
      prepared.close()
    }
    const moments = Array.from({ length: ROUNDS }, (__, round) => ((round * STRIDE) % ROUNDS) / ROUNDS)
    const worker = async (): Promise<void> => {
      for (let moment = moments.pop(); moment !== undefined; moment = moments.pop()) await killOne(moment)
    }
    await Promise.all(Array.from({ length: AT_A_TIME }, worker))
    await vi.waitFor(() => expect(marked(mark)).toEqual([]), 3_000)
    // Some were killed before there was anything, and some after.
    expect(announced).toBeGreaterThan(0)
    expect(announced).toBeLessThan(ROUNDS)
  })
})

/** To less than a millisecond. */
async function sleepFor(milliseconds: number): Promise<void> {
  const until = performance.now() + milliseconds
  while (performance.now() < until) await new Promise<void>((resolve) => setImmediate(resolve))
}

/** Who waits for it. Of the launcher that is our child. */
function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
}

function marked(mark: string): readonly string[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'latin1')
      return /^\d+$/.test(pid) && line.includes(mark) ? [line.split('\0').slice(0, 3).join(' ')] : []
    } catch {
      return []
    }
  })
}
