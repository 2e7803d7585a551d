import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createMissionTaker, parseHandOver } from '../../src/index.js'

const PROGRAM = fileURLToPath(new URL('../support/hand-over-for-ever.ts', import.meta.url))
const ROUNDS = 8

let folder: string
let handOver: string
let log: string
const running = new Set<ChildProcess>()

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-killed-hand-over-')))
  handOver = join(folder, 'hand-over')
  log = join(folder, 'log')
  await mkdir(handOver)
})

afterEach(async () => {
  for (const child of running) child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

function start(role: 'stage' | 'take', from = 0): ChildProcess {
  const work = JSON.stringify({ role, folder, handOver, log: `${log}.${role}`, from })
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, work], { stdio: 'inherit' })
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

function kill(child: ChildProcess): Promise<unknown> {
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  return gone
}

const lines = async (role: string): Promise<readonly string[]> =>
  (await readFile(`${log}.${role}`, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '')
const marked = async (role: string, mark: string): Promise<readonly string[]> =>
  (await lines(role)).filter((line) => line.startsWith(`${mark} `)).map((line) => line.slice(mark.length + 1))

/** Until so many more payloads were acknowledged. */
async function progress(more: number): Promise<void> {
  const before = (await marked('stage', 'acknowledged')).length
  while ((await marked('stage', 'acknowledged')).length < before + more) await pause(10)
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

describe('kill -9 during a hand-over', () => {
  test('of the agent: nothing that was staged is lost, nothing is acknowledged that is not the current mission for good', async () => {
    start('stage')
    for (let round = 0; round < ROUNDS; round += 1) {
      const taker = start('take')
      await progress(2 + round)
      await pause(round * 3)
      await kill(taker)
      const ack = JSON.parse(await readFile(join(handOver, 'mission_ack.json'), 'utf8')) as { payload_digest: string }
      const current = join(handOver, 'current_mission.json')
      const { digest } = await parseHandOver(await readFile(current), current)
      const staged = await marked('stage', 'staging')
      // The current mission is the one that was acknowledged, or the one that will be.
      expect(staged.indexOf(digest)).toBeGreaterThanOrEqual(staged.indexOf(ack.payload_digest))
    }
    for (const child of running) await kill(child)
    const [staging, acknowledged] = [await marked('stage', 'staging'), await marked('stage', 'acknowledged')]
    // One after another, none left out: the stager waits for each.
    expect(staging.slice(0, acknowledged.length)).toEqual(acknowledged)
    expect(staging.length - acknowledged.length).toBeLessThanOrEqual(1)
    const events = await lines('take')
    expect(events.filter((line) => /invalid|missing|failed|error/.test(line))).toEqual([])
  })

  test('of whoever stages: the agent finds a whole payload or none', async () => {
    start('take')
    for (let round = 0; round < ROUNDS; round += 1) {
      const stager = start('stage', round * 1000)
      await progress(1 + (round % 3))
      await pause(round * 3)
      await kill(stager)
    }
    for (const child of running) await kill(child)
    const taker = createMissionTaker({
      stateDirectory: handOver,
      clock: { now: () => new Date() },
      tell: () => undefined,
    })
    await taker.take()
    const known = new Set(await marked('stage', 'staging'))
    const current = join(handOver, 'current_mission.json')
    expect(known.has((await parseHandOver(await readFile(current), current)).digest)).toBe(true)
    expect((await lines('take')).filter((line) => /invalid|failed|error/.test(line))).toEqual([])
  })
})
