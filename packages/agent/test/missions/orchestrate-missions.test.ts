import { mkdir, mkdtemp, readFile, realpath, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  createMissionTaker,
  isDelivered,
  type MissionTaker,
  missionOutcome,
  missionPayload,
  orchestrateMissions,
  stageMission,
} from '../../src/index.js'
import { type SettableClock, settableClock } from '../support/settable-clock.js'
import { writeOwnFile } from '../support/write-own-file.js'

const HOUR = 3600
let folder: string
let handOver: string
let clock: SettableClock
let taker: MissionTaker
let made: { count: number; lastAt: string | undefined }

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-orchestrate-')))
  handOver = join(folder, 'hand-over')
  await mkdir(handOver)
  clock = settableClock()
  made = { count: 10, lastAt: undefined }
  taker = createMissionTaker({ stateDirectory: handOver, clock, tell: () => undefined })
  for (const id of ['one', 'two'])
    await writeOwnFile(join(folder, `${id}.yaml`), `mission_id: ${id}\nobjective: Do ${id}\n`)
  await sequence(
    '{mission_id: one, file: one.yaml, deliverable_path: out, min_duration_hours: 1, max_duration_hours: 10, min_proposals: 3}',
    '{mission_id: two, file: two.yaml, max_duration_hours: 10}',
  )
})

afterEach(() => rm(folder, { recursive: true, force: true }))

async function sequence(...entries: readonly string[]): Promise<void> {
  await writeOwnFile(
    join(folder, 'mission_sequence.yaml'),
    `stagnation_minutes: 30\nsequence:\n${entries.map((entry) => `  - ${entry}\n`).join('')}`,
  )
}

const step = () =>
  orchestrateMissions({
    sequenceFile: join(folder, 'mission_sequence.yaml'),
    stateDirectory: handOver,
    clock,
    proposals: () => made,
  })

async function begin(): Promise<void> {
  await step()
  await taker.take()
  expect(await step()).toEqual({ kind: 'acknowledged', mission: 'one' })
}

const history = async (): Promise<readonly string[]> =>
  (await readFile(join(handOver, 'mission_history.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { event: string }).event)

describe('a sequence of missions', () => {
  test('is handed over one after another, each once the one before has ended', async () => {
    expect(await step()).toEqual({ kind: 'staged', mission: 'one' })
    expect(await step()).toEqual({ kind: 'waiting', mission: 'one' })
    expect((await taker.take())?.mission.id).toBe('one')
    expect(await step()).toEqual({ kind: 'acknowledged', mission: 'one' })
    expect(await step()).toEqual({ kind: 'working', mission: 'one' })
    await writeOwnFile(join(folder, 'out'), 'the report')
    expect(await step()).toEqual({ kind: 'working', mission: 'one' })
    clock.pass(HOUR)
    expect(await step()).toEqual({ kind: 'staged', mission: 'two' })
    await taker.take()
    await step()
    clock.pass(10 * HOUR)
    expect(await step()).toEqual({ kind: 'finished' })
    expect(await step()).toEqual({ kind: 'finished' })
    expect(await history()).toEqual([
      'mission_staged',
      'mission_acknowledged',
      'mission_completed',
      'mission_staged',
      'mission_acknowledged',
      'mission_expired',
    ])
  })

  test('a mission that made its proposals and then stood still has stagnated, and is not completed', async () => {
    await begin()
    made = { count: 12, lastAt: clock.now().toISOString() }
    clock.pass(31 * 60)
    expect(await step()).toEqual({ kind: 'working', mission: 'one' })
    made = { count: 13, lastAt: clock.now().toISOString() }
    expect(await step()).toEqual({ kind: 'working', mission: 'one' })
    clock.pass(31 * 60)
    expect(await step()).toEqual({ kind: 'staged', mission: 'two' })
    expect(await history()).toContain('mission_stagnated')
    expect(await history()).not.toContain('mission_completed')
  })

  test('an agent that does not answer within two minutes is told of once, and may answer later', async () => {
    await step()
    clock.pass(119)
    await step()
    clock.pass(2)
    await step()
    await step()
    expect(await history()).toEqual(['mission_staged', 'mission_ack_timeout'])
    await taker.take()
    expect(await step()).toEqual({ kind: 'acknowledged', mission: 'one' })
  })

  test('what ended before it had handed a mission over hands it over again', async () => {
    await step()
    await rm(join(handOver, 'next_mission.json'))
    expect(await step()).toEqual({ kind: 'staged', mission: 'one' })
    expect((await taker.take())?.mission.id).toBe('one')
  })

  test('a mission that people hand over meanwhile stays', async () => {
    await step()
    await writeOwnFile(join(folder, 'other.yaml'), 'mission_id: other\nobjective: First of all\n')
    await stageMission(handOver, await missionPayload(join(folder, 'other.yaml'), clock))
    expect(await step()).toEqual({ kind: 'waiting', mission: 'one' })
    expect((await taker.take())?.mission.id).toBe('other')
    expect(await step()).toEqual({ kind: 'superseded', mission: 'one' })
  })

  test('a mission that the agent rejects is passed over', async () => {
    await step()
    const state = JSON.parse(await readFile(join(handOver, 'mission_orchestrator_state.json'), 'utf8')) as {
      staged: { payload_digest: string }
    }
    const ack = { mission_id: null, transition_timestamp: clock.now().toISOString(), status: 'rejected', reason: 'no' }
    const bytes = JSON.stringify({ ...ack, payload_digest: state.staged.payload_digest })
    await writeOwnFile(join(handOver, 'mission_ack.json'), bytes)
    expect(await step()).toEqual({ kind: 'rejected', mission: 'one' })
    expect(await step()).toEqual({ kind: 'staged', mission: 'two' })
  })

  test('a state that cannot be read is refused, not begun anew', async () => {
    await writeOwnFile(join(handOver, 'mission_orchestrator_state.json'), '{"current_mission":1}')
    await expect(step()).rejects.toMatchObject({ code: 'JANUS_AGENT_MISSION_INVALID' })
  })
})

describe('a deliverable', () => {
  test('is a file with something in it, or a directory with enough of them', async () => {
    const place = (name: string) => join(folder, name)
    await mkdir(place('empty'))
    await mkdir(place('some/inner'), { recursive: true })
    await writeOwnFile(place('some/a'), 'a')
    await writeOwnFile(place('some/hollow'), '')
    await writeOwnFile(place('hollow'), '')
    await writeOwnFile(place('file'), 'x')
    await symlink(place('file'), place('link'))
    await mkdir(place('links'))
    await symlink(place('file'), place('links/one'))
    expect(await isDelivered(place('file'), 1)).toBe(true)
    expect(await isDelivered(place('some'), 1)).toBe(true)
    for (const [name, count] of [
      ['nothing', 1],
      ['empty', 1],
      ['hollow', 1],
      ['link', 1],
      ['links', 1],
      ['some', 2],
      ['file', 2],
    ] as const)
      expect([name, await isDelivered(place(name), count)]).toEqual([name, false])
  })

  test('that is there early completes nothing before the least duration', () => {
    const entry = { leastMilliseconds: 1000, mostMilliseconds: undefined, leastProposals: undefined }
    const progress = { age: 999, delivered: true, proposals: 0, quiet: 1e9 }
    expect(missionOutcome(entry, progress, 1)).toBeUndefined()
    expect(missionOutcome(entry, { ...progress, age: 1000 }, 1)).toBe('completed')
    expect(missionOutcome({ ...entry, leastProposals: 1 }, { ...progress, proposals: 0 }, 1)).toBeUndefined()
  })
})
