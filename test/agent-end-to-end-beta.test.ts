import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AgentStatus, ProposalRow } from '../packages/agent/src/index.js'
import { eventually } from '../packages/agent/test/support/marked-processes.js'
import { type AgentMachine, agentMachine } from './agent-end-to-end/agent-machine.js'
import { liveAMonth } from './agent-end-to-end/lived-record.js'

// The packages as `npm ci` or `npm test` built them. The month before today was lived in this process, on a clock of its own.

const DECLARED = 'side_effects: workspace, writes: true, idempotent: true, reversible: true'
const REASON = 'A month without a violation'
const WAITING = 3

let machine: AgentMachine

beforeEach(async () => {
  machine = await agentMachine()
  await configure(true)
})

afterEach(() => machine.close())

function configure(byItself: boolean): Promise<void> {
  return machine.configure(
    `tools: [{name: mark, command: [/usr/bin/mktemp], ${DECLARED}}, {name: fail, command: [/usr/bin/false], ${DECLARED}}]`,
    'operational_mode: beta',
    'thinking_cycle: {cycle_interval_seconds: 1}',
    'watchdog: {sample_interval_seconds: 1}',
    `auto_executor: {enabled: ${byItself}, poll_interval_seconds: 5}`,
  )
}

/** Two playbooks by what waits for people: nothing, or a few. */
function registry(): unknown {
  const mark = (name: string) => ({ tool: 'mark', args: [`${machine.effects}/${name}-XXXXXXXX`] })
  return {
    playbooks: [
      {
        playbook_id: 'tidy',
        name: 'Tidy',
        trigger_conditions: { pending_proposals: '==0', active_processes: '>0' },
        action_sequence: [mark('tidy1'), mark('tidy2')],
      },
      {
        playbook_id: 'broken',
        name: 'Broken',
        trigger_conditions: { pending_proposals: `>=${WAITING}`, active_processes: '>0' },
        action_sequence: [mark('broken1'), { tool: 'fail', args: [] }, mark('broken3')],
      },
    ],
  }
}

const status = async (): Promise<AgentStatus> => (await machine.agent('status')) as AgentStatus
const rounds = ({ daemon }: AgentStatus): number =>
  daemon?.loops.find(({ name }) => name === 'auto-executor')?.rounds ?? 0

async function promoted(): Promise<void> {
  const key = await liveAMonth(machine, registry())
  const signature = join(machine.folder, 'ada.sig')
  await machine.agent('mode', 'sign', 'beta', signature, '--key', key, '--reason', REASON)
  await machine.agent('mode', 'promote', 'beta', '--reason', REASON, '--signature', signature)
}

describe('in beta, which a month and a first citizen opened', () => {
  test('a signed playbook runs step by step in the sandbox whenever its trigger fires, stops at what fails, and not at all once it is switched off', async () => {
    await promoted()
    const daemon = await machine.daemon()
    expect(await status()).toMatchObject({ mode: 'beta', permission: { mode: 'beta', runPlaybooks: true } })
    await eventually('it ran twice', async () => (await machine.left('tidy2-')).length >= 2)
    expect((await machine.left('tidy1-')).length).toBeGreaterThanOrEqual(2)
    const done = (await machine.agent('proposals', 'list', '--status', 'completed')) as {
      readonly proposals: readonly ProposalRow[]
    }
    const [{ id } = { id: '' }] = done.proposals
    expect(await machine.agent('proposals', 'show', id)).toMatchObject({
      record: {
        proposal: { content: { metadata: { playbook_id: 'tidy' } } },
        decisions: [{ decision: 'approve', by: { kind: 'system', name: 'auto-approval-system' } }],
      },
    })
    const used = await machine.view('tool_log')
    expect(used.find((line) => line.proposal_id === id)?.metadata).toMatchObject({
      outcome: 'completed',
      enforced: expect.arrayContaining([expect.objectContaining({ dimension: 'wall', enforced: true })]),
    })

    for (let count = 0; count < WAITING; count += 1) await machine.propose(draft(count))
    await eventually('the other one was begun', async () => (await machine.left('broken1-')).length > 0)
    await eventually('its second step failed', async () => ((await status()).counts.failed ?? 0) > 0)
    expect(await machine.left('broken3-')).toEqual([])
    daemon.kill('SIGTERM')
    expect(await daemon.exited).toBe(0)

    await configure(false)
    const before = [await machine.left(''), (await machine.view('tool_log')).length]
    await machine.daemon()
    expect((await status()).permission).toMatchObject({ mode: 'alpha', runPlaybooks: false })
    const first = rounds(await status())
    await eventually('it looked twice', async () => rounds(await status()) >= first + 2)
    expect([await machine.left(''), (await machine.view('tool_log')).length]).toEqual(before)
    const { stdout } = await machine.janus('agent', 'audit', 'verify', '--config', machine.config)
    expect(stdout).toContain('intact')
  })
})

function draft(count: number): Readonly<Record<string, unknown>> {
  return {
    mission_context: 'Keep the machine tidy',
    action_type: 'web_research',
    rationale: `A person wants mark ${count} for a reason of ${'abcdefg'[count]?.repeat(20)}`,
    expected_outcome: 'A new file',
    risk_level: 'low',
    risk_mitigation: 'It is one small file',
    rollback_plan: 'The file may be removed at any time',
    rollback: null,
    tool_name: 'mark',
    tool_args: [`${machine.effects}/asked${count}-XXXXXXXX`],
  }
}
