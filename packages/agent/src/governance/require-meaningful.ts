import { canonicalDigest, canonicalJson } from '@janus/core/ledger'
import type { GovernanceChange } from '../contract/governance.js'
import { OPERATIONAL_MODES } from '../contract/mode.js'
import { agentError } from '../errors/agent-error.js'
import { requireValidKey } from '../identity/key-id.js'
import { playbookDigestOf } from '../playbook/parse-playbooks.js'
import type { AgentState } from '../record/agent-state.js'
import { agentSettingsSchema } from '../settings/agent-settings.js'
import { settingsTable } from '../settings/settings-table.js'
import type { RulesInForce } from './change-base.js'

/**
 * Refuses a change of the rules that changes nothing, names what does not exist, or belongs elsewhere: a mode is raised at its gate.
 * @throws JANUS_AGENT_PROPOSAL_INVALID with `rule: 'change'` in its data; JANUS_AGENT_KEY_INVALID
 */
export function requireMeaningful(change: GovernanceChange, state: AgentState, inForce: RulesInForce): void {
  switch (change.subject) {
    case 'policy':
      if (canonicalDigest(change.policy) === inForce.policy) throw meaningless('this policy is in force already')
      return
    case 'settings':
      requireSettings(change.set, inForce)
      return
    case 'sandbox-profile':
      if (canonicalDigest(change.profile) === inForce.sandboxProfile)
        throw meaningless('this profile is in force already')
      return
    case 'key':
      if (change.operation === 'enrol') requireValidKey(change.key)
      return
    case 'playbook':
      if (
        change.operation === 'approve' &&
        state.playbooks.get(change.playbook.playbookId)?.digest === playbookDigestOf(change.playbook)
      )
        throw meaningless('this playbook is approved already')
      return
    case 'mode':
      if (OPERATIONAL_MODES.indexOf(change.to) >= OPERATIONAL_MODES.indexOf(change.from))
        throw meaningless('a mode is raised at its gate: janus agent mode promote')
  }
}

function requireSettings(set: Readonly<Record<string, unknown>>, inForce: RulesInForce): void {
  const rows = new Map(settingsTable().map((row) => [row.key, row]))
  const draft: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(set)) {
    if (!rows.has(key)) throw meaningless(`there is no setting ${JSON.stringify(key)}`)
    put(draft, key, value)
  }
  const parsed = agentSettingsSchema.safeParse(draft)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw meaningless(`${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? ''}`)
  }
  const differs = Object.entries(set).some(
    ([key, value]) => canonicalJson(value ?? null) !== canonicalJson(inForce.setting(key) ?? null),
  )
  if (!differs) throw meaningless('these settings are in force already')
}

function put(settings: Record<string, unknown>, key: string, value: unknown): void {
  const names = key.split('.')
  const last = names.pop() ?? ''
  const place = names.reduce((at, name) => {
    at[name] ??= {}
    return at[name] as Record<string, unknown>
  }, settings)
  place[last] = value
}

function meaningless(problem: string): Error {
  return agentError('JANUS_AGENT_PROPOSAL_INVALID', problem, { data: { rule: 'change' } })
}
