import { mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { governBySettings, type LocalAgent, openLocalAgent, parseSettings } from '../../src/index.js'
import { type SettableClock, settableClock } from '../support/settable-clock.js'
import { writeOwnFile } from '../support/write-own-file.js'

let folder: string
let clock: SettableClock
let agent: LocalAgent
let log: string

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-watch-')))
  await mkdir(join(folder, 'missions'))
  await mkdir(join(folder, 'hand-over'))
  clock = settableClock()
  log = join(folder, 'agent.log')
  const text = [
    'approval_workflow: {notification_enabled: false}',
    `harness: {mission_state_dir: ${join(folder, 'hand-over')}}`,
    `llm: {missions_dir: ${join(folder, 'missions')}}`,
  ].join('\n')
  const loaded = await parseSettings(text, 'agent.yaml')
  const view = (name: string): string => join(folder, name)
  agent = await openLocalAgent({
    stateDirectory: join(folder, 'state'),
    purpose: 'a test',
    vesselId: loaded.settings.vessel_id,
    clock,
    version: '0.0.0',
    govern: governBySettings({ loaded, bootId: 'boot-1', ownUid: 0, live: () => ({}) }),
    views: {
      paths: {
        missionLog: view('m'),
        toolLog: view('t'),
        proposalsLog: view('p'),
        approvalQueue: view('q'),
        agentLog: log,
      },
      detail: { everyEvent: false, proposalReasons: false },
      mostWaiting: 100,
    },
  })
})

afterEach(async () => {
  await agent.close()
  await rm(folder, { recursive: true, force: true })
})

const sequence = (text: string) => writeOwnFile(join(folder, 'missions', 'mission_sequence.yaml'), text)
const current = async (): Promise<unknown> =>
  JSON.parse(await readFile(join(folder, 'hand-over', 'current_mission.json'), 'utf8'))

describe('an agent that looks for missions', () => {
  test('takes the missions of a sequence, one after another', async () => {
    for (const id of ['one', 'two'])
      await writeOwnFile(join(folder, 'missions', `${id}.yaml`), `mission_id: ${id}\nobjective: Do ${id}\n`)
    await sequence(
      'sequence: [{mission_id: one, file: one.yaml, max_duration_hours: 1}, {mission_id: two, file: two.yaml}]',
    )
    await agent.lookForMissions()
    expect(await current()).toMatchObject({ mission_id: 'one' })
    await agent.lookForMissions()
    clock.pass(3600)
    await agent.lookForMissions()
    expect(await current()).toMatchObject({ mission_id: 'two' })
  })

  test('looks at a sequence at its interval, and at the hand-over each time', async () => {
    await writeOwnFile(join(folder, 'missions', 'one.yaml'), 'mission_id: one\nobjective: Do one\n')
    await sequence('check_interval_seconds: 300\nsequence: []')
    await agent.lookForMissions()
    await sequence('sequence: [{mission_id: one, file: one.yaml}]')
    clock.pass(299)
    await agent.lookForMissions()
    await expect(current()).rejects.toMatchObject({ code: 'ENOENT' })
    clock.pass(1)
    await agent.lookForMissions()
    expect(await current()).toMatchObject({ mission_id: 'one' })
  })

  test('tells a sequence that cannot be read once, and never fails', async () => {
    await sequence('sequence: 1')
    for (let times = 0; times < 5; times += 1) await agent.lookForMissions()
    await agent.close()
    const lines = (await readFile(log, 'utf8')).split('\n').filter((line) => line.includes('mission.transition.error'))
    expect(lines).toHaveLength(1)
  })

  test('finds nothing where there is nothing', async () => {
    await rm(join(folder, 'hand-over'), { recursive: true })
    await rm(join(folder, 'missions'), { recursive: true })
    await agent.lookForMissions()
    await agent.close()
    expect(await readFile(log, 'utf8').catch(() => '')).not.toContain('mission.transition')
  })
})
