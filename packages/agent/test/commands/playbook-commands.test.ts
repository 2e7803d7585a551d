import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type ApprovedPlaybook,
  createSystemClock,
  type LocalAgentOptions,
  PLAYBOOK_METRICS,
  parsePlaybooks,
} from '../../src/index.js'
import { openLocalAgent } from '../../src/local/open-local-agent.js'
import { playbookDigestOf } from '../../src/playbook/parse-playbooks.js'
import { runCommand } from '../support/command-run.js'
import { BEN } from '../support/decision-context.js'
import { localOptions, PERMISSIVE_PARTS } from '../support/local-agent.js'

const REGISTRY = {
  playbooks: [
    {
      playbook_id: 'maintenance-001',
      name: 'Log Rotation',
      description: 'Rotate and compress agent logs',
      trigger_conditions: { disk_usage_percent: '>80', log_size_mb: '>100' },
      action_sequence: [{ tool: 'list', command: '-l /var/log' }],
      approved_by: 'first_citizen',
    },
  ],
}
const [PLAYBOOK] = parsePlaybooks(REGISTRY)
if (PLAYBOOK === undefined) throw new Error('the registry has one')
const APPROVED: ApprovedPlaybook = {
  playbook: PLAYBOOK,
  digest: playbookDigestOf(PLAYBOOK),
  signatures: [],
  approvedAt: '2026-11-01T00:00:00.000Z',
}

let folder: string
let file: string
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-playbooks-')))
  file = await written('playbooks.json', REGISTRY)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('playbooks show', () => {
  test('shows one of a file word for word, and that nobody approved it, whoever the file names', async () => {
    const { text } = await runCommand(agent(), ['playbooks', 'show', 'maintenance-001', '--file', file])
    expect(text).toContain('when      disk_usage_percent > 80')
    expect(text).toContain('step 1    list -l /var/log')
    expect(text).toContain('approved  no: it does not run by itself')
  })

  test('shows an approved one, and takes a changed file for another playbook', async () => {
    const show = ['playbooks', 'show', 'maintenance-001']
    expect((await runCommand(agent({ approved: true }), show)).text).toContain('approved  2026-11-01')
    const [one] = REGISTRY.playbooks
    const changed = await written('changed.json', { playbooks: [{ ...one, description: 'Rotate everything' }] })
    const { text } = await runCommand(agent({ approved: true }), [...show, '--file', changed])
    expect(text).toContain('approved  no')
  })

  test('says of one that is not there where to look', async () => {
    await expect(runCommand(agent(), ['playbooks', 'show', 'other'])).rejects.toMatchObject({ code: 'JANUS_USAGE' })
  })
})

describe('playbooks test', () => {
  const full = { disk_usage_percent: 91, log_size_mb: 300 }

  test('would run when it is approved, every trigger holds, the policy allows each step and the mode lets it', async () => {
    const { exitCode, data, text } = await tested(full, { approved: true, runPlaybooks: true })
    expect(exitCode).toBe(0)
    expect(data).toMatchObject({ runs: true, fires: true, approved: true })
    expect(text.split('\n').at(-1)).toBe('It would run now.')
  })

  test.each([
    [
      'a trigger does not hold',
      { ...full, log_size_mb: 3 },
      { approved: true, runPlaybooks: true },
      'log_size_mb > 100: does not hold, it is 3',
    ],
    ['a metric is missing', { disk_usage_percent: 91 }, { approved: true, runPlaybooks: true }, 'it is not measured'],
    ['nobody approved it', full, { approved: false, runPlaybooks: true }, 'approval none'],
    ['the mode is alpha', full, { approved: true, runPlaybooks: false }, 'playbooks do not run by themselves now'],
    ['the policy denies a step', full, { approved: true, runPlaybooks: true, denied: true }, 'the policy denies it'],
  ])('would not when %s alone is different', async (_, metrics, how, why) => {
    const { exitCode, text } = await tested(metrics, how)
    expect(exitCode).toBe(1)
    expect(text).toContain(why)
    expect(text.split('\n').at(-1)).toBe('It would not run now.')
  })

  test('measures this machine when no metrics are given', async () => {
    const config = await written('agent.json', { sandbox: { root: folder } })
    const { data } = await runCommand(agent({ approved: true }), [
      'playbooks',
      'test',
      'maintenance-001',
      '--config',
      config,
    ])
    const { triggers } = data as { readonly triggers: readonly { readonly name: string; readonly value: unknown }[] }
    expect(triggers.map(({ name }) => name)).toEqual(['disk_usage_percent', 'log_size_mb'])
    for (const { name, value } of triggers) {
      expect(PLAYBOOK_METRICS.map((row) => row.name)).toContain(name)
      expect(value).toEqual(expect.any(Number))
    }
  })

  test('refuses metrics that are none', async () => {
    await expect(tested([1], { approved: true })).rejects.toMatchObject({ code: 'JANUS_FILE_INVALID' })
  })

  async function tested(metrics: unknown, how: AgentOptions) {
    const given = await written('metrics.json', metrics)
    const more = how.approved === true ? [] : ['--file', file]
    return runCommand(agent(how), ['playbooks', 'test', 'maintenance-001', '--metrics', given, ...more])
  }
})

describe('playbooks approve', () => {
  test('approves the one proposal that waits about it, with the digest that was read', async () => {
    const options = agent()
    const { id, digest } = await proposed(options)
    const wrong = ['playbooks', 'approve', 'maintenance-001', '00000000']
    await expect(runCommand(options, wrong)).rejects.toMatchObject({ code: 'JANUS_AGENT_DIGEST_MISMATCH' })
    const { text } = await runCommand(options, ['playbooks', 'approve', 'maintenance-001', digest])
    expect(text).toContain(`${id} is approved`)
  })

  test('says when none waits, and names them when several do', async () => {
    const options = agent()
    const approve = ['playbooks', 'approve', 'maintenance-001', '00000000']
    await expect(runCommand(options, approve)).rejects.toMatchObject({ code: 'JANUS_AGENT_PROPOSAL_NOT_FOUND' })
    const both = [await proposed(options), await proposed(options)]
    await expect(runCommand(options, approve)).rejects.toMatchObject({
      message: expect.stringContaining(both[0]?.id ?? ''),
      data: { waiting: expect.arrayContaining(both.map(({ id }) => id)) },
    })
  })

  async function proposed(options: LocalAgentOptions): Promise<{ readonly id: string; readonly digest: string }> {
    const local = await openLocalAgent(options)
    try {
      const change = {
        subject: 'playbook',
        operation: 'approve',
        playbook: PLAYBOOK as NonNullable<typeof PLAYBOOK>,
      } as const
      const rationale = 'Logs fill the disk every month'
      return (await local.as({ actor: BEN, owner: false }).proposeChange({ change, rationale })).proposal
    } finally {
      await local.close()
    }
  }
})

interface AgentOptions {
  readonly approved?: boolean
  readonly runPlaybooks?: boolean
  readonly denied?: boolean
}

function agent({ approved = false, runPlaybooks = false, denied = false }: AgentOptions = {}): LocalAgentOptions {
  const { showRules, explain } = PERMISSIVE_PARTS
  return localOptions(join(folder, 'state'), {
    clock: createSystemClock(),
    parts: {
      ...PERMISSIVE_PARTS,
      showRules: (...asked) => ({ ...showRules(...asked), playbooks: approved ? [APPROVED] : [] }),
      explain: (...asked) => {
        const said = explain(...asked)
        const permission = { ...said.permission, runPlaybooks }
        return { ...said, permission, verdict: { ...said.verdict, allowed: !denied } }
      },
    },
  })
}

async function written(name: string, value: unknown): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, JSON.stringify(value), { mode: 0o600 })
  return path
}
