import { type JsonValue, janusError } from '@janus/core'
import type { Agent } from '../contract/agent.js'
import type { GovernanceChange } from '../contract/governance.js'
import type { ProposalRecord } from '../contract/proposal.js'
import { settingsDigest } from '../governance/change-base.js'
import { parseJson } from '../json/parse-json.js'
import { parsePlaybooks } from '../playbook/parse-playbooks.js'
import { parsePolicy } from '../policy/policy-schema.js'
import { shortLine } from '../review/short-line.js'
import { visibleLine, visibleName } from '../review/visible-text.js'
import type { AgentCall, AgentCommand } from './agent-command.js'
import { readJsonFile } from './read-json-file.js'
import { columns } from './render/columns.js'
import { wantedReason } from './wanted-reason.js'

const MOST_VALUE = 40

const REASON = {
  reason: { type: 'string', value: '<text>', summary: 'why; reviewers read it, at least 20 characters' },
} as const satisfies AgentCommand['options']

/** `config check`. */
export const configCheck: AgentCommand = {
  words: 'config check',
  summary: 'Every key of the configuration in force: its value, where it comes from, what it does.',
  positionals: [],
  options: {},
  example: 'config check --config ./agent.yaml',
  async run(call) {
    const { settings, diagnostics } = await (await call.reader()).showRules()
    const rows = settings.map(({ key, value, from, does }) => [
      visibleName(key),
      shortLine(JSON.stringify(value), MOST_VALUE),
      visibleLine(from),
      visibleLine(does),
    ])
    return {
      data: { settings },
      text: columns([['KEY', 'VALUE', 'FROM', 'DOES'], ...rows]).join('\n'),
      diagnostics,
    }
  },
}

/** `config propose`. */
export const configPropose: AgentCommand = {
  words: 'config propose',
  summary: 'Proposes a change of settings.',
  details: ['High risk, in effect after its review time; at once when it is only stricter.'],
  positionals: ['setting'],
  options: REASON,
  example: "config propose harness.max_concurrency=4 --reason 'The weekly report takes too long'",
  async run(call) {
    const agent = await call.agent()
    const [key = '', value] = call.positional('setting').split(/=(.*)/s)
    if (value === undefined) throw janusError('JANUS_USAGE', 'a setting is written as key=value')
    const set = { [key]: settingValue(value) }
    const { settings } = await agent.showRules()
    const setting = (name: string): unknown => settings.find((row) => row.key === name)?.value
    return proposed(call, agent, { subject: 'settings', from: settingsDigest([key], setting), set })
  },
}

/** `policy show`. */
export const policyShow: AgentCommand = {
  words: 'policy show',
  summary: 'The policy in force, as JSON that can be edited and proposed.',
  positionals: [],
  options: {},
  example: 'policy show',
  async run(call) {
    const { policy } = await (await call.reader()).showRules()
    return { data: policy, text: JSON.stringify(policy.policy, null, 2) }
  },
}

/** `policy propose`. */
export const policyPropose: AgentCommand = {
  words: 'policy propose',
  summary: 'Proposes another policy.',
  details: ['High risk, in effect after its review time; at once when it only permits less.'],
  positionals: ['file'],
  options: REASON,
  example: "policy propose ./rules.json --reason 'Nothing may use the network any more'",
  async run(call) {
    const agent = await call.agent()
    const policy = parsePolicy(await readJsonFile(call.positional('file')))
    const { policy: inForce } = await agent.showRules()
    return proposed(call, agent, { subject: 'policy', from: inForce.digest, policy })
  },
}

/** `playbooks list`. */
export const playbooksList: AgentCommand = {
  words: 'playbooks list',
  summary: 'The playbooks that are approved, with the digest that pins each.',
  positionals: [],
  options: {},
  example: 'playbooks list',
  async run(call) {
    const { playbooks } = await (await call.reader()).showRules()
    const rows = playbooks.map(({ playbook, digest, approvedAt }) => [
      visibleName(playbook.playbookId),
      visibleLine(playbook.name),
      `${playbook.actionSequence.length} steps`,
      digest.slice(0, 16),
      approvedAt,
    ])
    const table = columns([['ID', 'NAME', 'STEPS', 'DIGEST', 'APPROVED'], ...rows])
    return { data: { playbooks }, text: rows.length === 0 ? 'no playbooks' : table.join('\n') }
  },
}

/** `playbooks propose`. */
export const playbooksPropose: AgentCommand = {
  words: 'playbooks propose',
  summary: 'Proposes that one playbook of a file may run by itself, exactly as it stands there.',
  positionals: ['file', 'playbook'],
  options: REASON,
  example: "playbooks propose ./playbooks.json maintenance-001 --reason 'Logs fill the disk every month'",
  async run(call) {
    const id = call.positional('playbook')
    const playbook = parsePlaybooks(await readJsonFile(call.positional('file'))).find((one) => one.playbookId === id)
    if (playbook === undefined)
      throw janusError('JANUS_USAGE', `there is no playbook ${JSON.stringify(id)} in the file`)
    return proposed(call, await call.agent(), { subject: 'playbook', operation: 'approve', playbook })
  },
}

/** `playbooks revoke`. */
export const playbooksRevoke: AgentCommand = {
  words: 'playbooks revoke',
  summary: 'Proposes that a playbook runs no more; in effect as soon as it is approved.',
  positionals: ['playbook'],
  options: REASON,
  example: "playbooks revoke maintenance-001 --reason 'It rotated what should have stayed'",
  async run(call) {
    const playbookId = call.positional('playbook')
    return proposed(call, await call.agent(), { subject: 'playbook', operation: 'revoke', playbookId })
  },
}

async function proposed(call: AgentCall, agent: Agent, change: GovernanceChange) {
  const record: ProposalRecord = await agent.proposeChange({ change, rationale: wantedReason(call) })
  const { id } = record.proposal
  return { data: { record }, text: `proposed as ${id}; somebody else reviews it: ${call.program} review ${id}` }
}

/** What is JSON is read as such; anything else is a text. */
function settingValue(text: string): JsonValue {
  try {
    return parseJson(text)
  } catch {
    return text
  }
}
