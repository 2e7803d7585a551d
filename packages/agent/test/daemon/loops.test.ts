import { appendFile, mkdtemp, readdir, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { daemonLoops } from '../../src/daemon/daemon-loops.js'
import { createLoopProgress } from '../../src/daemon/loop-progress.js'
import { runLoops } from '../../src/daemon/run-loops.js'
import { createServiceManager } from '../../src/daemon/service-manager.js'
import { watchProgress } from '../../src/daemon/watch-progress.js'
import { parseSettings } from '../../src/index.js'
import { recordDirectory } from '../../src/local/open-local-record.js'
import { leaveWatchdogNote } from '../../src/stop/supervisor/watchdog-notes.js'
import { localAgent } from '../support/local-agent.js'
import { settableClock } from '../support/settable-clock.js'

let folder: string

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-loops-')))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const loop = (name: string, run: (signal: AbortSignal) => Promise<void>, every = 1000) => ({ name, every, run })

describe('loops', () => {
  test('a round that fails is told and is no progress; the next one comes all the same', async () => {
    const abort = new AbortController()
    const clock = settableClock()
    let rounds = 0
    const failing = loop('tick', async () => {
      rounds += 1
      if (rounds === 3) abort.abort()
      else throw new Error(`round ${rounds}`)
    })
    const progress = createLoopProgress([failing], clock)
    const onProblem = vi.fn()
    await runLoops([failing], { signal: abort.signal, progress, sleep: async () => undefined, onProblem })
    expect(onProblem.mock.calls.map(([name, error]) => `${name}: ${error.message}`)).toEqual([
      'tick: round 1',
      'tick: round 2',
    ])
    expect(progress.states()).toEqual([{ name: 'tick', rounds: 1, problem: null }])
  })

  test('sleeps of an hour end at once when they are aborted', async () => {
    const abort = new AbortController()
    const slow = loop('thinking', async () => undefined, 3_600_000)
    const running = runLoops([slow], {
      signal: abort.signal,
      progress: createLoopProgress([slow], settableClock()),
      onProblem: () => undefined,
    })
    setImmediate(() => abort.abort())
    await running
  })

  test('one loop that hangs does not hold up the others', async () => {
    const abort = new AbortController()
    let rounds = 0
    const loops = [
      loop('hung', () => new Promise(() => undefined)),
      loop('tick', async () => {
        rounds += 1
        if (rounds === 5) abort.abort()
      }),
    ]
    void runLoops(loops, {
      signal: abort.signal,
      progress: createLoopProgress(loops, settableClock()),
      sleep: async () => undefined,
      onProblem: () => undefined,
    })
    await vi.waitFor(() => expect(rounds).toBe(5))
  })
})

describe('the watchdog', () => {
  const told = () => {
    const lines: string[] = []
    return { lines, notify: async (...assignments: string[]) => void lines.push(...assignments) }
  }

  test('is told that the daemon lives only while every loop completes rounds', async () => {
    const clock = settableClock()
    const { record, close } = await localAgent(join(folder, 'state'), { clock })
    const loops = [loop('tick', async () => undefined), loop('thinking', async () => undefined, 300_000)]
    const progress = createLoopProgress(loops, clock)
    const manager = told()
    const watch = watchProgress({ progress, record, runDirectory: folder }, manager)
    expect(await watch.look()).toBeUndefined()
    clock.pass(120)
    progress.completed('thinking')
    expect(await watch.look()).toBe('no round was completed: tick')
    expect(watch.healthy).toBe(false)
    progress.completed('tick')
    expect(await watch.look()).toBeUndefined()
    expect(manager.lines).toEqual(['WATCHDOG=1', 'STATUS=no round was completed: tick', 'WATCHDOG=1'])
    await close()
  })

  test('is not told so when nothing can be recorded any more', async () => {
    const { record, close } = await localAgent(join(folder, 'state'))
    const manager = told()
    const progress = createLoopProgress([], settableClock())
    const watch = watchProgress({ progress, record, runDirectory: folder }, manager)
    vi.spyOn(record, 'commit').mockRejectedValue(new Error('ENOSPC'))
    expect(await watch.look()).toContain('ENOSPC')
    expect(manager.lines).not.toContain('WATCHDOG=1')
    vi.restoreAllMocks()
    await close()
  })

  test('is none where the variables are missing, are meant for another process, or make no sense', () => {
    const watchdog = (env: Record<string, string>) =>
      createServiceManager({ env: { NOTIFY_SOCKET: '/nowhere', ...env }, pid: 7 }).watchdogMilliseconds
    expect(watchdog({ WATCHDOG_USEC: '120000000' })).toBe(120_000)
    expect(watchdog({ WATCHDOG_USEC: '120000000', WATCHDOG_PID: '7' })).toBe(120_000)
    expect(watchdog({ WATCHDOG_USEC: '120000000', WATCHDOG_PID: '8' })).toBeUndefined()
    expect(watchdog({ WATCHDOG_USEC: '-1' })).toBeUndefined()
    expect(watchdog({})).toBeUndefined()
    expect(createServiceManager({ env: { WATCHDOG_USEC: '1000000' }, pid: 7 }).watchdogMilliseconds).toBeUndefined()
  })

  test('a socket where nobody listens is a problem that is told, and nothing more', async () => {
    const onProblem = vi.fn()
    const manager = createServiceManager({ env: { NOTIFY_SOCKET: join(folder, 'nobody') }, pid: 7, onProblem })
    await manager.notify('READY=1')
    expect(onProblem).toHaveBeenCalledWith(expect.stringContaining('systemd-notify ended with'))
  })
})

describe('the loops of the daemon', () => {
  async function loops() {
    const agent = await localAgent(join(folder, 'state'))
    const all = daemonLoops({
      agent,
      settings: (await parseSettings('vessel_id: janus-in-balaur', 'a test')).settings,
      runDirectory: folder,
      measureLogs: async () => undefined,
      ...({} as Pick<Parameters<typeof daemonLoops>[0], 'queue' | 'auto' | 'controls'>),
    })
    const named = (name: string) => {
      const found = all.find((each) => each.name === name)
      if (found === undefined) throw new Error(`there is no loop ${name}`)
      return found.run(new AbortController().signal)
    }
    return { agent, named }
  }

  test('a record that cannot be verified stops everything', async () => {
    const { agent, named } = await loops()
    await named('verification')
    expect(agent.emergency.signal.aborted).toBe(false)
    const directory = recordDirectory(join(folder, 'state'))
    const [segment = ''] = (await readdir(directory)).filter((name) => name.endsWith('.jsonl'))
    await appendFile(join(directory, segment), '{"seq":1}\n')
    await named('verification')
    expect((await agent.emergency.stopped).cause.kind).toBe('verification')
    await agent.close()
  })

  test('what the supervisor left word of is recorded once', async () => {
    const { agent, named } = await loops()
    leaveWatchdogNote(folder, 'the event loop stood still')
    leaveWatchdogNote(folder, 'and again')
    await named('watchdog')
    await named('watchdog')
    expect(agent.record.state.limitViolations.map(({ summary }) => summary)).toEqual([
      'the event loop stood still',
      'and again',
    ])
    await agent.close()
  })
})
