import { mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  createMissionTaker,
  governBySettings,
  type LocalAgentOptions,
  openLocalAgent,
  type Playbook,
  parseSettings,
  playbookDigestOf,
} from '../../src/index.js'
import { runCommand } from '../support/command-run.js'
import { type FaultServer, startFaultServer } from '../support/fault-server.js'
import { localAgent } from '../support/local-agent.js'
import { settableClock } from '../support/settable-clock.js'
import { goodProposal } from '../support/thinking.js'
import { writeOwnFile } from '../support/write-own-file.js'

const author = { kind: 'agent', name: 'thinking-cycle' }
let folder: string
let server: FaultServer
let options: LocalAgentOptions

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-agent-thinks-')))
  await mkdir(join(folder, 'missions'))
  await mkdir(join(folder, 'hand-over'))
  server = await startFaultServer()
  const text = [
    'tools: [{name: list, command: [/bin/ls]}]',
    'approval_workflow: {notification_enabled: false}',
    `harness: {mission_state_dir: ${join(folder, 'hand-over')}}`,
    `llm: {base_url: "${server.baseUrl}", missions_dir: ${join(folder, 'missions')}}`,
  ].join('\n')
  const loaded = await parseSettings(text, 'agent.yaml')
  options = {
    stateDirectory: join(folder, 'state'),
    purpose: 'a test',
    vesselId: loaded.settings.vessel_id,
    clock: settableClock(),
    version: '0.0.0',
    govern: governBySettings({ loaded, bootId: 'boot-1', ownUid: 0, live: () => ({}) }),
  }
})

afterEach(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

async function mission(): Promise<string> {
  const file = join(folder, 'missions', 'tidy.yaml')
  await writeOwnFile(file, 'mission_id: tidy\nname: Tidy up\nobjective: Keep the disk from filling up\n')
  return file
}

describe('janus agent think --once', () => {
  test('thinks here when nobody serves the agent, proposes as the agent, and prints what came of it', async () => {
    await runCommand(options, ['missions', 'stage', await mission()])
    // What the agent does at its next look.
    await createMissionTaker({
      stateDirectory: join(folder, 'hand-over'),
      clock: options.clock,
      tell: () => undefined,
    }).take()
    server.script({ kind: 'proposals', proposals: [goodProposal(), goodProposal({ tool_name: 'rm\u001b[31m' })] })
    const { text, data } = await runCommand(options, ['think', '--once'])
    expect(data).toMatchObject({ proposed: [expect.stringMatching(/^janus-/)], model: { kind: 'server' } })
    expect(text).toMatch(/^model {5}default at http:/)
    expect(text).toMatch(/\nproposed {2}janus-[0-9a-f]{12}\n/)
    expect(text).toMatch(/\nrefused {3}.*there is no tool/)
    expect(text).not.toContain('\u001b')
    const [id = ''] = (data as { proposed: string[] }).proposed
    const shown = await runCommand(options, ['proposals', 'show', id])
    expect(shown.data).toMatchObject({ record: { status: 'proposed', proposal: { proposer: author } } })
  })

  test('asks the process that serves the agent, whose thoughts they are', async () => {
    await runCommand(options, ['missions', 'stage', await mission()])
    await createMissionTaker({
      stateDirectory: join(folder, 'hand-over'),
      clock: options.clock,
      tell: () => undefined,
    }).take()
    const local = await openLocalAgent(options)
    try {
      await local.serve()
      server.script({ kind: 'proposals', proposals: [goodProposal()] })
      const { data } = await runCommand(options, ['think', '--once'])
      const [id = ''] = (data as { proposed: string[] }).proposed
      expect(local.record.state.open.get(id)?.proposal.proposer).toEqual(author)
    } finally {
      await local.close()
    }
  })

  test('says so without --once, and where nothing thinks', async () => {
    await expect(runCommand(options, ['think'])).rejects.toMatchObject({ code: 'JANUS_USAGE' })
    const agent = await localAgent(join(folder, 'other'))
    await expect(agent.think()).rejects.toMatchObject({ code: 'JANUS_AGENT_NOT_PERMITTED' })
    await agent.close()
  })

  test('tells its steps in the agent log, those that say little only where everything is told', async () => {
    const told = async (everyEvent: boolean): Promise<readonly string[]> => {
      const agentLog = join(folder, `log-${everyEvent}`, 'agent.log')
      await mkdir(join(folder, `log-${everyEvent}`))
      const view = (name: string): string => join(folder, `log-${everyEvent}`, name)
      const local = await openLocalAgent({
        ...options,
        stateDirectory: join(folder, `state-${everyEvent}`),
        views: {
          paths: {
            missionLog: view('m'),
            toolLog: view('t'),
            proposalsLog: view('p'),
            approvalQueue: view('q'),
            agentLog,
          },
          detail: { everyEvent, proposalReasons: false },
          mostWaiting: 100,
        },
      })
      await local.think()
      await local.close()
      const lines = (await readFile(agentLog, 'utf8')).trim().split('\n')
      for (const line of lines) expect(Object.keys(JSON.parse(line) as object)).toHaveLength(6)
      return lines
        .map((line) => (JSON.parse(line) as { event_type: string }).event_type)
        .filter((event) => event.startsWith('thinking_cycle.'))
    }
    expect(await told(false)).toEqual(['thinking_cycle.complete'])
    expect(await told(true)).toEqual(['thinking_cycle.begin', 'thinking_cycle.alpha_mode', 'thinking_cycle.complete'])
  })

  test('proposes the first step of a signed playbook whose trigger fires, as the agent, and not again while it waits', async () => {
    const playbook: Playbook = {
      schema: 'janus.playbook/1',
      playbookId: 'rotate',
      name: 'Rotate',
      description: 'Rotates the logs when the disk is full',
      triggerConditions: { disk_usage_percent: { operator: '>', value: 80 } },
      actionSequence: [
        { tool: 'list', args: ['logs'] },
        { tool: 'list', args: [] },
      ],
    }
    const approved = {
      playbook,
      digest: playbookDigestOf(playbook),
      signatures: [],
      approvedAt: '2026-03-01T12:00:00Z',
    }
    const local = await openLocalAgent(options)
    const by = { kind: 'user', uid: 0, name: 'root' } as const
    await local.record.commit(() => ({
      events: [{ type: 'playbook-approved', payload: { approved, by } }],
      answer: undefined,
    }))
    let disk = 80
    const thinker = local.useThinker({ metrics: () => ({ disk_usage_percent: disk }) })
    const never = new AbortController().signal
    expect((await thinker.think(never)).proposed).toEqual([])
    disk = 81
    const [id = ''] = (await thinker.think(never)).proposed
    expect(local.record.state.open.get(id)).toMatchObject({
      status: 'proposed',
      proposal: {
        proposer: author,
        content: { action: { tool: 'list' }, metadata: { playbook_id: 'rotate', playbook_step: 1 } },
      },
    })
    expect((await local.think()).proposed).toEqual([])
    await local.close()
  })

  test('status says what keeps it from thinking, also to who only looks', async () => {
    const { data, text } = await runCommand(options, ['status'])
    expect(data).toMatchObject({ obstacles: [{ code: 'nothing-asked' }] })
    expect(text).toContain('thinks not  no mission and no objective is active')
  })

  test('closing the agent ends a cycle that is under way', async () => {
    await writeOwnFile(join(folder, 'hand-over', 'current_mission.json'), '{"id":"tidy","objective":"x"}')
    const local = await openLocalAgent(options)
    server.script({ kind: 'hang' })
    const thinking = local.think()
    while (server.asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    await local.close()
    // What was refused cannot be recorded any more: that is told to who asked.
    await expect(
      thinking.then(
        ({ proposed }) => proposed.length,
        () => 0,
      ),
    ).resolves.toBe(0)
  })
})

describe('janus agent missions', () => {
  test('lists the mission files, those too that cannot be read, and which one is worked on', async () => {
    await mission()
    await writeOwnFile(join(folder, 'missions', 'bad.json'), '{"id":')
    await writeOwnFile(join(folder, 'missions', 'mission_sequence.yaml'), 'sequence: []')
    await writeOwnFile(join(folder, 'hand-over', 'current_mission.json'), '{"id":"tidy","objective":"x"}')
    const { data, text } = await runCommand(options, ['missions', 'list'])
    expect(data).toMatchObject({
      current: 'tidy',
      missions: [
        { file: 'bad.json', mission: null, problem: expect.stringContaining('not JSON') },
        { file: 'tidy.yaml', mission: { id: 'tidy' }, problem: null },
      ],
    })
    expect(text).toMatch(/tidy \* +active +Tidy up +tidy\.yaml/)
  })

  test('shows the mission of a file or the one that is worked on, fit for a terminal', async () => {
    const file = join(folder, 'missions', 'odd.yaml')
    await writeOwnFile(file, 'mission_id: odd\nobjective: "red \\e[31m text"\nmaterials: [a.md]\n')
    const { text } = await runCommand(options, ['missions', 'show', file])
    expect(text).toContain('objective    red \\x1b[31m text')
    expect((await runCommand(options, ['missions', 'show'])).text).toBe('no mission was handed over')
  })

  test('stages nothing that the agent could not read', async () => {
    const file = join(folder, 'bad.yaml')
    await writeOwnFile(file, 'objective: without an id\n')
    await expect(runCommand(options, ['missions', 'stage', file])).rejects.toMatchObject({
      code: 'JANUS_AGENT_MISSION_INVALID',
    })
    await expect(runCommand(options, ['missions', 'stage', join(folder, 'none')])).rejects.toMatchObject({
      code: 'JANUS_FILE_INVALID',
    })
    await rm(join(folder, 'hand-over'), { recursive: true })
    await expect(runCommand(options, ['missions', 'stage', await mission()])).rejects.toMatchObject({
      code: 'JANUS_USAGE',
    })
  })
})
