import { createLiveHost, type JsonValue, janusError } from '@janus/core'
import type { Agent, PolicyExplanation } from '../contract/agent.js'
import type { Metrics, Playbook, TriggerCondition } from '../contract/playbook.js'
import { measureNow } from '../controls/measure-now.js'
import { agentError } from '../errors/agent-error.js'
import { holds } from '../playbook/match-playbook.js'
import { parsePlaybooks, playbookDigestOf } from '../playbook/parse-playbooks.js'
import { stepDraft } from '../playbook/step-draft.js'
import { quoteWord } from '../review/quote-word.js'
import { visibleLine, visibleName } from '../review/visible-text.js'
import { loadSettings } from '../settings/load-settings.js'
import type { AgentCall, AgentCommand } from './agent-command.js'
import { approve } from './decisions.js'
import { readJsonFile } from './read-json-file.js'

const FILE = {
  file: { type: 'string', value: '<file>', summary: 'that of a registry, approved or not (the approved one)' },
} as const satisfies AgentCommand['options']
const MOST_PROPOSALS = 1000

/** `playbooks show`. */
export const playbooksShow: AgentCommand = {
  words: 'playbooks show',
  summary: 'One playbook whole: its triggers, its steps word for word, and who approved it.',
  positionals: ['playbook'],
  options: FILE,
  example: 'playbooks show maintenance-001',
  async run(call) {
    const found = await playbookOf(call, await call.reader())
    const { playbook, digest, approved } = found
    return {
      data: { playbook, digest, approved: approved ?? null },
      text: [
        `${visibleName(playbook.playbookId)}  ${visibleLine(playbook.name)}`,
        ...(playbook.description === '' ? [] : [visibleLine(playbook.description)]),
        `digest    ${digest}`,
        approved === undefined
          ? 'approved  no: it does not run by itself'
          : `approved  ${approved.approvedAt}, ${approved.signatures.length} signatures`,
        ...triggers(playbook).map(([name, trigger]) => `when      ${visibleName(name)} ${triggerText(trigger)}`),
        ...playbook.actionSequence.map((_, step) => `step ${step + 1}    ${stepText(playbook, step)}`),
      ].join('\n'),
    }
  },
}

/** `playbooks test`. */
export const playbooksTest: AgentCommand = {
  words: 'playbooks test',
  summary: 'Whether a playbook would run now, trigger by trigger, step by step.',
  details: [
    'Of each step it says what risk, policy and mode say. Runs and records nothing.',
    'Exit code 1 when it would not run.',
  ],
  positionals: ['playbook'],
  options: {
    ...FILE,
    metrics: { type: 'string', value: '<file>', summary: 'metrics as JSON (those of this machine, measured now)' },
  },
  example: 'playbooks test maintenance-001 --metrics ./full-disk.json',
  async run(call) {
    const agent = await call.reader()
    const { playbook, digest, approved } = await playbookOf(call, agent)
    const metrics = await metricsOf(call, agent)
    const judged = triggers(playbook).map(([name, trigger]) => {
      const value = Object.hasOwn(metrics, name) ? metrics[name] : undefined
      return { name, trigger, value: value ?? null, holds: holds(trigger, value) }
    })
    const fires = judged.length > 0 && judged.every((one) => one.holds)
    const steps: PolicyExplanation[] = []
    for (const step of playbook.actionSequence.keys())
      steps.push(await agent.explainPolicy({ draft: stepDraft(playbook, step) }))
    const [{ permission } = {}] = steps
    const allowed = steps.every(({ verdict }) => verdict.allowed)
    const runs = approved !== undefined && fires && allowed && permission?.runPlaybooks === true
    return {
      data: {
        playbook: playbook.playbookId,
        digest,
        approved: approved !== undefined,
        triggers: judged,
        fires,
        steps,
        runs,
      },
      text: [
        ...judged.map(
          ({ name, trigger, value, holds: held }) =>
            `trigger  ${visibleName(name)} ${triggerText(trigger)}: ${held ? 'holds' : 'does not hold'}, it is ${value === null ? 'not measured' : visibleLine(JSON.stringify(value))}`,
        ),
        ...(judged.length === 0 ? ['trigger  none: it never runs by itself'] : []),
        ...steps.map(
          ({ risk, verdict }, step) =>
            `step ${step + 1}   ${stepText(playbook, step)}: ${risk.level} risk, the policy ${verdict.allowed ? 'allows' : 'denies'} it`,
        ),
        ...(approved === undefined ? ['approval none: propose it with `playbooks propose`'] : []),
        ...(permission?.runPlaybooks === true
          ? []
          : [`mode     ${permission?.mode ?? 'alpha'}: playbooks do not run by themselves now`]),
        `It would ${runs ? '' : 'not '}run now.`,
      ].join('\n'),
      exitCode: runs ? 0 : 1,
    }
  },
}

/** `playbooks approve`. */
export const playbooksApprove: AgentCommand = {
  words: 'playbooks approve',
  summary: 'Approves the proposal that a playbook may run by itself.',
  details: ['As `approve` does: with the digest of its review card, or after it was shown.'],
  positionals: ['playbook', 'digest?'],
  options: approve.options,
  example: 'playbooks approve maintenance-001 1a2b3c4d --key ./ada.key',
  async run(call) {
    const agent = await call.agent()
    const proposal = await pendingProposal(agent, call.positional('playbook'))
    const positional = (name: string): string => (name === 'proposal' ? proposal : call.positional(name))
    return approve.run({ ...call, positional, agent: async () => agent })
  },
}

/** @throws JANUS_AGENT_PROPOSAL_NOT_FOUND when none waits, or several do: then one is named */
async function pendingProposal(agent: Agent, playbook: string): Promise<string> {
  const waiting: string[] = []
  for (const { id } of await agent.list({ statuses: ['proposed'], limit: MOST_PROPOSALS })) {
    const { action } = (await agent.show({ proposal: id })).proposal.content
    if (action.kind !== 'governance' || action.change.subject !== 'playbook') continue
    const { change } = action
    if (change.operation === 'approve' && change.playbook.playbookId === playbook) waiting.push(id)
  }
  const [only, ...more] = waiting
  if (only !== undefined && more.length === 0) return only
  const problem =
    only === undefined
      ? `no proposal waits that ${JSON.stringify(playbook.slice(0, 80))} may run by itself`
      : `several proposals wait about the playbook ${playbook}: ${waiting.join(', ')}`
  throw agentError('JANUS_AGENT_PROPOSAL_NOT_FOUND', problem, {
    remedy: only === undefined ? 'Propose it with `playbooks propose`.' : 'Review them, and approve one by its id.',
    data: { playbook, waiting },
  })
}

async function playbookOf(call: AgentCall, agent: Agent) {
  const id = call.positional('playbook')
  const approved = (await agent.showRules()).playbooks.find(({ playbook }) => playbook.playbookId === id)
  const file = call.text('file')
  if (file === undefined) {
    if (approved !== undefined) return { playbook: approved.playbook, digest: approved.digest, approved }
    throw janusError('JANUS_USAGE', `no playbook ${JSON.stringify(id.slice(0, 80))} is approved`, {
      remedy: `See \`${call.program} playbooks list\`, or name its file: --file.`,
    })
  }
  const playbook = parsePlaybooks(await readJsonFile(file)).find(({ playbookId }) => playbookId === id)
  if (playbook === undefined) throw janusError('JANUS_USAGE', `there is no playbook ${JSON.stringify(id)} in the file`)
  const digest = playbookDigestOf(playbook)
  // An approval is of these bytes, and of no other playbook of that name.
  return { playbook, digest, approved: approved?.digest === digest ? approved : undefined }
}

async function metricsOf(call: AgentCall, agent: Agent): Promise<Metrics> {
  const file = call.text('metrics')
  if (file !== undefined) return givenMetrics(await readJsonFile(file))
  const [{ settings }, { counts }] = [await loadSettings(call.config), await agent.status()]
  const now = { pending: counts.proposed, waiting: counts.approved, active: counts.executing }
  return measureNow(createLiveHost(), settings, { ...now, signal: call.context.signal })
}

function givenMetrics(value: JsonValue): Metrics {
  const isScalar = (member: unknown): boolean => ['number', 'string', 'boolean'].includes(typeof member)
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isScalar))
    return value as Metrics
  throw janusError(
    'JANUS_FILE_INVALID',
    'metrics are numbers, texts or switches by name, as {"disk_usage_percent": 91}',
  )
}

function triggers({ triggerConditions }: Playbook): readonly (readonly [string, TriggerCondition])[] {
  return Object.entries(triggerConditions)
}

function triggerText(trigger: TriggerCondition): string {
  if (trigger.operator === 'in') return `in [${trigger.values.map((value) => visibleLine(String(value))).join(', ')}]`
  if (trigger.operator === 'between') return `from ${trigger.from} to ${trigger.to}`
  return `${trigger.operator} ${visibleLine(String(trigger.value))}`
}

function stepText({ actionSequence }: Playbook, step: number): string {
  const { tool = '', args = [] } = actionSequence[step] ?? {}
  return visibleLine([tool, ...args].map(quoteWord).join(' '))
}
