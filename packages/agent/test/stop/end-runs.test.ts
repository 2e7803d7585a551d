import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { endRuns, killRuns, runningProcesses } from '../../src/stop/end-runs.js'
import { findProcess } from '../../src/stop/process-table.js'
import { registeredRuns, registerRun } from '../../src/stop/run-register.js'

let folder: string
let children: ChildProcess[]

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-runs-')))
  children = []
})

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

async function start(
  program: string,
  ...args: string[]
): Promise<{ readonly pid: number; readonly startTime: string }> {
  const child = spawn(program, args, { detached: true, stdio: 'ignore' })
  children.push(child)
  await new Promise((resolve) => child.once('spawn', resolve))
  const found = findProcess(child.pid ?? 0)
  if (found === undefined) throw new Error('it did not start')
  return found
}

const noted = () => ({ runDirectory: folder, daemon: undefined, spared: [] })

describe('ending what runs', () => {
  test('what is noted is ended with its whole group, also without a daemon', async () => {
    const { pid, startTime } = await start('/bin/bash', '-c', 'sleep 600 & sleep 600 & wait')
    registerRun(folder, { pid, startTime, cgroup: undefined })
    const { ended, left } = await endRuns(noted(), 5000)
    expect([ended, left]).toEqual([1, []])
    expect(findProcess(pid)).toBeUndefined()
  })

  test('what a daemon started is ended without being noted, but not its supervisor', async () => {
    const own = findProcess(process.pid)
    const run = await start('/bin/sleep', '600')
    const spared = await start('/bin/sleep', '601')
    const runs = { runDirectory: folder, daemon: own, spared: [spared] }
    expect(runningProcesses(runs).map(({ pid }) => pid)).toContain(run.pid)
    // The test has children of its own that must live: everything but the run is spared.
    const others = runningProcesses(runs).filter(({ pid }) => pid !== run.pid)
    await endRuns({ ...runs, spared: [spared, ...others] }, 5000)
    expect(findProcess(run.pid)).toBeUndefined()
    expect(findProcess(spared.pid)).toBeDefined()
  })

  test('the hand of a transaction is left alone: its step is not torn', async () => {
    const own = findProcess(process.pid)
    const program = join(folder, 'hand.js')
    await writeFile(program, 'setInterval(() => undefined, 1000)')
    const hand = await start(process.execPath, program, String(process.pid))
    const stranger = await start(process.execPath, program, '1')
    const seen = runningProcesses({ runDirectory: folder, daemon: own, spared: [] }).map(({ pid }) => pid)
    expect(seen).not.toContain(hand.pid)
    expect(seen).toContain(stranger.pid)
  })

  test('attack 37: a process that has the number of a run and began at another time is not signalled, nor its group', async () => {
    const { pid, startTime } = await start('/bin/sleep', '600')
    registerRun(folder, { pid, startTime: String(Number(startTime) - 1), cgroup: undefined })
    expect(killRuns(noted())).toEqual([])
    expect(runningProcesses(noted())).toEqual([])
    expect(findProcess(pid)).toBeDefined()
  })

  test('attack 37: a run that ended and waits to be reaped is not signalled', async () => {
    const { pid, startTime } = await start('/bin/sleep', '600')
    registerRun(folder, { pid, startTime, cgroup: undefined })
    process.kill(pid, 'SIGKILL')
    // This process reaps it later: until then its number and start time are still those of the run.
    for (;;) if (findProcess(pid) === undefined) break
    expect(killRuns(noted())).toEqual([])
  })

  test('a note is taken away with its run, and what is no note is none', async () => {
    const take = registerRun(folder, { pid: 4_000_000, startTime: '12', cgroup: '/sys/fs/cgroup/janus/run-1' })
    await writeFile(join(folder, 'processes', 'note.txt'), '')
    await writeFile(join(folder, 'processes', '7-7'), '/etc')
    expect(registeredRuns(folder)).toEqual(
      expect.arrayContaining([
        { pid: 4_000_000, startTime: '12', cgroup: '/sys/fs/cgroup/janus/run-1' },
        { pid: 7, startTime: '7', cgroup: undefined },
      ]),
    )
    take()
    expect(registeredRuns(folder)).toHaveLength(1)
  })
})
