import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { LocalAgent } from '../../src/local/local-agent.js'
import { causeOfFile } from '../../src/stop/cause-of-file.js'
import { raiseStopFile } from '../../src/stop/raise-stop-file.js'
import { findStop } from '../../src/stop/stop-files.js'
import { watchViolations } from '../../src/stop/watch-violations.js'
import { bareRunSandbox, shellRun } from '../support/bare-run-sandbox.js'
import { runCommand } from '../support/command-run.js'
import { ANA, EXECUTOR, force, put } from '../support/decision-context.js'
import { localAgent, localOptions } from '../support/local-agent.js'
import { sampleProposal } from '../support/sample-proposal.js'
import { settableClock } from '../support/settable-clock.js'

let folder: string
let directory: string
let agent: LocalAgent | undefined

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-stopping-')))
  await chmod(folder, 0o755)
  directory = join(folder, 'state')
})

afterEach(async () => {
  await agent?.close()
  agent = undefined
  await rm(folder, { recursive: true, force: true })
})

const open = async (options: Parameters<typeof localAgent>[1] = {}): Promise<LocalAgent> => {
  agent = await localAgent(directory, options)
  return agent
}
const SMOKE = { kind: 'command', summary: 'smoke', by: ANA } as const

describe('the record of a stop', () => {
  test('what is approved or being executed is suspended, what waits is not, and the event says what was being executed', async () => {
    const { record, emergency } = await open()
    const [approved, executing, waiting, done] = await Promise.all(
      Array.from({ length: 4 }, () => put(record, sampleProposal())),
    )
    for (const each of [approved, executing, done]) await force(record, each?.id ?? '', 'approved')
    for (const each of [executing, done]) await force(record, each?.id ?? '', 'executing')
    await force(record, done?.id ?? '', 'completed')
    const report = await emergency.stopEverything(SMOKE)
    expect(new Set(report.suspended)).toEqual(new Set([approved?.id, executing?.id]))
    expect(report.executing).toEqual([executing?.id])
    expect(record.state.open.get(waiting?.id ?? '')?.status).toBe('proposed')
    expect(record.state.open.get(executing?.id ?? '')?.reason?.text).toContain('what it did is not known')
    expect(record.state.stopped).toMatchObject(SMOKE)
  })

  test('whoever asks again while everything is being stopped changes nothing about it', async () => {
    const { record, emergency } = await open()
    emergency.signal.addEventListener('abort', () => void emergency.stopEverything({ ...SMOKE, summary: 'fire' }))
    await emergency.stopEverything(SMOKE)
    const stops: string[] = []
    for await (const { type, payload } of record.history())
      if (type === 'emergency-stopped') stops.push(payload.summary)
    expect(stops).toEqual(['smoke'])
  })

  test('a stop that cannot be recorded says so, and stands by its file', async () => {
    const { record, emergency } = await open()
    vi.spyOn(record, 'commit').mockRejectedValue(new Error('the disk is full'))
    const report = await emergency.stopEverything(SMOKE)
    expect(report.problems).toEqual(['the stop could not be recorded: the disk is full'])
    expect(report.file).toBe(join(directory, 'EMERGENCY_STOP'))
    expect(emergency.standing()).toContain('smoke')
  })

  test('attack 23: with a hung disk the runs end all the same', async () => {
    const { record, emergency } = await open()
    vi.spyOn(record, 'commit').mockReturnValue(new Promise(() => undefined))
    const workspace = join(folder, 'workspace')
    await mkdir(workspace)
    const sandbox = emergency.guard(bareRunSandbox(workspace))
    let pid = 0
    const run = sandbox.run({
      ...shellRun('one', 'sleep 600'),
      onStarted: (processes) => {
        pid = processes.pid
      },
    })
    const report = emergency.stopEverything(SMOKE)
    expect((await run).ending).toBe('cancelled')
    expect(existsSync(`/proc/${pid}`)).toBe(false)
    expect((await report).problems).toEqual(['the stop could not be recorded: not done within 5 s'])
  })

  test('nothing is started once the flag is up, whatever was prepared before it', async () => {
    const { emergency } = await open()
    const inner = bareRunSandbox(folder)
    let prepared: () => void = () => undefined
    const slow = emergency.guard({
      ...inner,
      run: async (run) => {
        await new Promise<void>((resolve) => {
          prepared = resolve
        })
        return inner.run(run)
      },
    })
    const onStarted = vi.fn()
    const run = slow.run({ ...shellRun('one', 'sleep 600'), onStarted })
    await emergency.stopEverything(SMOKE)
    prepared()
    await expect(run).rejects.toMatchObject({ code: 'JANUS_AGENT_STOPPED' })
    expect(onStarted).not.toHaveBeenCalled()
  })
})

describe('what stops everything by itself', () => {
  const rules = { violationsToStop: 3, onConstitutionalViolation: 'stop' } as const
  const violation = (code: string) =>
    ({ type: 'violation-recorded', payload: { code, summary: 'it tried', by: EXECUTOR } }) as const
  const limit = { type: 'limit-violated', payload: { limit: 'quota', summary: 'memory', by: EXECUTOR } } as const

  test('a constitutional violation, at once', async () => {
    const { record } = await open()
    const stop = vi.fn()
    watchViolations(record, () => rules, stop)
    await record.commit(() => ({ events: [violation('CHARTER')], answer: undefined }))
    expect(stop).toHaveBeenCalledWith(expect.objectContaining({ kind: 'constitutional-violation' }))
  })

  test.each([
    ['the settings only want the mode lowered', 'CHARTER', { ...rules, onConstitutionalViolation: 'demote' } as const],
    ['a rollback failed', 'FAILED_DIRTY', rules],
  ])('not when %s', async (_why, code, those) => {
    const { record } = await open()
    const stop = vi.fn()
    watchViolations(record, () => those, stop)
    await record.commit(() => ({ events: [violation(code)], answer: undefined }))
    expect(stop).not.toHaveBeenCalled()
  })

  test('one that nobody watched stops everything at the next start, unless a person lifted a stop since', async () => {
    const clock = settableClock()
    const { record } = await open({ clock })
    await record.commit(() => ({ events: [violation('CHARTER')], answer: undefined }))
    const first = vi.fn()
    watchViolations(record, () => rules, first)
    expect(first).toHaveBeenCalledTimes(1)
    clock.pass(1)
    await record.commit(() => ({
      events: [{ type: 'emergency-lifted', payload: { by: ANA, because: 'seen' } }],
      answer: undefined,
    }))
    const second = vi.fn()
    watchViolations(record, () => rules, second)
    expect(second).not.toHaveBeenCalled()
  })

  test('the third violation of watchdog or quotas since a person last lifted a stop, however long ago the first was', async () => {
    const clock = settableClock()
    const { record } = await open({ clock })
    const stop = vi.fn()
    watchViolations(record, () => rules, stop)
    const violate = () => record.commit(() => ({ events: [limit], answer: undefined }))
    await violate()
    await violate()
    await record.commit(() => ({
      events: [{ type: 'emergency-lifted', payload: { by: ANA, because: 'seen' } }],
      answer: undefined,
    }))
    await violate()
    clock.pass(365 * 24 * 3600)
    await violate()
    expect(stop).not.toHaveBeenCalled()
    await violate()
    expect(stop).toHaveBeenCalledWith(expect.objectContaining({ kind: 'limit-violations' }))
  })
})

describe('the commands', () => {
  test('stop suspends and stands; resume is by a person, on the record, back in alpha', async () => {
    const options = localOptions(directory)
    const stopped = await runCommand(options, ['stop', '--reason', 'smoke'])
    expect(stopped.data).toMatchObject({
      cause: { kind: 'command', summary: 'smoke', by: { kind: 'user' } },
      problems: [],
    })
    expect((await runCommand(options, ['status'])).text).toContain('STOPPED')
    const resumed = await runCommand(options, ['resume', '--reason', 'the smoke is gone'])
    expect(resumed.data).toMatchObject({ emergency: null, mode: 'alpha' })
    expect(findStop([join(directory, 'EMERGENCY_STOP')])).toBeUndefined()
    expect((await readdir(directory)).some((name) => name.startsWith('EMERGENCY_STOP.lifted-'))).toBe(true)
    await expect(runCommand(options, ['resume', '--reason', 'again'])).rejects.toMatchObject({
      code: 'JANUS_AGENT_TRANSITION_ILLEGAL',
    })
  })

  test('resume falls back to alpha from a higher mode, and wants a reason', async () => {
    const { record, emergency } = await open()
    const payload = { from: 'alpha', to: 'beta', by: ANA, because: 'a test', evidence: null } as const
    await record.commit(() => ({ events: [{ type: 'mode-changed', payload }], answer: undefined }))
    await emergency.stopEverything(SMOKE)
    await agent?.close()
    await expect(runCommand(localOptions(directory), ['resume'])).rejects.toMatchObject({ code: 'JANUS_USAGE' })
    await runCommand(localOptions(directory), ['resume', '--reason', 'seen'])
    const again = await open()
    expect(again.record.state).toMatchObject({ mode: { mode: 'alpha' }, stopped: undefined })
  })

  test('the process that was stopped cannot lift it', async () => {
    const { emergency, as } = await open()
    await emergency.stopEverything(SMOKE)
    await expect(as({ actor: ANA, owner: true }).resume({ reason: 'go on' })).rejects.toMatchObject({
      code: 'JANUS_AGENT_STOPPED',
    })
  })

  test('stop --dry-run changes nothing', async () => {
    const { record } = await open()
    const { id } = await put(record, sampleProposal())
    await force(record, id, 'approved')
    await agent?.close()
    const before = await readdir(directory)
    const { text } = await runCommand(localOptions(directory), ['stop', '--dry-run'])
    expect(text).toContain(`${id} is approved: it would be suspended`)
    expect(await readdir(directory)).toEqual(before)
    expect((await open()).record.state.stopped).toBeUndefined()
  })
})

describe('the file', () => {
  test('is made in the next place where the first one cannot be written', async () => {
    const second = join(folder, 'EMERGENCY_STOP')
    expect(await raiseStopFile([join(folder, 'nowhere', 'EMERGENCY_STOP'), second], SMOKE)).toBe(second)
    expect(await causeOfFile(second, 'it is there')).toMatchObject({
      kind: 'command',
      summary: 'smoke',
      by: { kind: 'user' },
    })
  })

  test('says by whom it was made, and nothing it says is more than a claim', async () => {
    const path = join(folder, 'EMERGENCY_STOP')
    await writeFile(path, '{"cause":"command","summary":"x","by":"root"}')
    const uid = process.getuid?.()
    expect(await causeOfFile(path, 'it is there')).toEqual({
      kind: 'file',
      summary: 'it is there',
      by: expect.objectContaining({ kind: 'user', uid }),
    })
  })

  test('counts where it cannot be looked for', () => {
    expect(findStop([`/${'x'.repeat(300)}`])).toContain('ENAMETOOLONG')
  })
})
