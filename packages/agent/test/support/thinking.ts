import { join } from 'node:path'
import { governBySettings, type LocalAgent, type LogEvent, openLocalAgent, parseSettings } from '../../src/index.js'
import { createThinker, THINKING_CYCLE, type Thinker, type ThinkerParts } from '../../src/thinking/create-thinker.js'
import { type SettableClock, settableClock } from './settable-clock.js'

/** What a test wants to be different about a thinker. */
export interface ThinkingSettings extends ThinkerParts {
  /** Seconds that a server is given at most. Default: 0.4. */
  readonly patience?: number
  /** Lines of the configuration besides the usual ones. */
  readonly lines?: readonly string[]
  /** Members of `llm` and `thinking_cycle` besides the usual ones. */
  readonly llm?: Readonly<Record<string, unknown>>
  readonly cycle?: Readonly<Record<string, unknown>>
  readonly clock?: SettableClock
}

/** An agent that thinks, on a real directory. */
export interface ThinkingAgent {
  readonly agent: LocalAgent
  readonly record: LocalAgent['record']
  readonly thinker: Thinker
  readonly clock: SettableClock
  readonly told: readonly LogEvent[]
}

/** An agent with the tools `list` and `rg` that asks a server, and gives up at the second failure. */
export async function thinkerOn(
  folder: string,
  baseUrl: string | null,
  { patience = 0.4, lines = [], llm = {}, cycle = {}, clock = settableClock(), tell, ...parts }: ThinkingSettings = {},
): Promise<ThinkingAgent> {
  const settings = {
    base_url: baseUrl,
    missions_dir: join(folder, 'missions'),
    connect_timeout_seconds: patience,
    first_byte_timeout_seconds: patience,
    total_timeout_seconds: patience * 2,
    max_reply_bytes: 262_144,
    breaker_failures: 2,
    ...llm,
  }
  const text = [
    'tools: [{name: list, command: [/bin/ls]}, {name: rg, command: [/bin/ls]}]',
    'approval_workflow: {notification_enabled: false}',
    `harness: {mission_state_dir: ${join(folder, 'hand-over')}}`,
    `llm: ${JSON.stringify(settings)}`,
    `thinking_cycle: ${JSON.stringify({ enable_autonomous_proposals: true, ...cycle })}`,
    ...lines,
  ].join('\n')
  const loaded = await parseSettings(text, 'agent.yaml')
  const agent = await openLocalAgent({
    stateDirectory: join(folder, 'state'),
    purpose: 'a test',
    vesselId: loaded.settings.vessel_id,
    clock,
    version: '0.0.0',
    govern: governBySettings({ loaded, bootId: 'boot-1', ownUid: 0, live: () => ({}) }),
  })
  const told: LogEvent[] = []
  const thinker = createThinker({
    env: {},
    ...parts,
    tell: (event) => {
      told.push(event)
      tell?.(event)
    },
    record: agent.record,
    agent: agent.as({ actor: THINKING_CYCLE, owner: false }),
    settings: () => loaded.settings,
  })
  return { agent, record: agent.record, thinker, clock, told }
}

/** A proposal of a model that nothing is wrong with. */
export function goodProposal(more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    action_type: 'analysis',
    rationale: 'The list of log files is needed for the weekly report',
    expected_outcome: 'A list of files',
    risk_level: 'low',
    risk_mitigation: 'It only reads',
    rollback_plan: 'No system state changes, no rollback needed',
    tool_name: 'list',
    tool_args: ['logs'],
    rollback: null,
    ...more,
  }
}
