import type { JsonValue } from '@janus/core'
import type { Caller, ModeAnswer } from '../contract/agent.js'
import type { GovernanceChange } from '../contract/governance.js'
import type { ProposalRecord } from '../contract/proposal.js'
import type { ToolEntry } from '../contract/tool-entry.js'
import { agentError } from '../errors/agent-error.js'
import { applyDueChanges } from '../governance/apply-due-changes.js'
import { movedBase } from '../governance/change-base.js'
import { isStricter } from '../governance/is-stricter.js'
import { requireMeaningful } from '../governance/require-meaningful.js'
import type { AgentParts } from '../local/agent-parts.js'
import { demoteMode, promoteMode } from '../mode/change-mode.js'
import { dueModeChanges } from '../mode/due-mode-changes.js'
import { effectivePermission } from '../mode/effective-permission.js'
import type { LiveConditions } from '../mode/live-conditions.js'
import { modeGate } from '../mode/mode-gate.js'
import { requireRule } from '../mode/permit-rule.js'
import { stepDraft } from '../playbook/step-draft.js'
import { evaluatePolicy, policyInForce } from '../policy/evaluate-policy.js'
import { policyInput } from '../policy/policy-input.js'
import { parsePolicy } from '../policy/policy-schema.js'
import { parseProposalDraft } from '../proposal/proposal-draft.js'
import { type ProposeContext, proposeAction, proposeChange } from '../proposal/propose-action.js'
import type { AgentRecord } from '../record/agent-record.js'
import type { AgentState } from '../record/agent-state.js'
import { computeRisk } from '../risk/compute-risk.js'
import { usesNetwork } from '../risk/uses-network.js'
import type { AgentSettings } from '../settings/agent-settings.js'
import { deskOf } from '../settings/uses/desk-of.js'
import { describeTool } from '../tools/describe-tool.js'
import type { ToolRegistry } from '../tools/tool-registry.js'
import type { ConfiguredRules } from './rules-in-force.js'

const DAY_MILLISECONDS = 24 * 3600 * 1000

/** What the parts of a configured agent work with. */
export interface PartsContext {
  readonly settings: AgentSettings
  readonly tools: ToolRegistry
  readonly rules: ConfiguredRules
  /** The same for a later state. */
  rulesOf(state: AgentState): ConfiguredRules
  live(): LiveConditions
}

/** The parts of an agent that is governed by settings: what proposes, permits, explains, changes modes and puts changes of the rules into effect. */
export function configuredParts({ settings, tools, rules, rulesOf, live }: PartsContext): AgentParts {
  const policy = rules.policyInForce
  const desk = deskOf(settings)
  const tool = (name: string): ToolEntry | undefined => tools.entries.get(name)
  const conditions = (state: AgentState): LiveConditions => ({ ...live(), ...stoppedOnRecord(state) })
  const permission = (state: AgentState) => effectivePermission(state.mode.mode, settings, conditions(state))
  const proposing: ProposeContext = {
    vesselId: settings.vessel_id,
    tool,
    maxPending: desk.mostPending,
    permit: (state) => {
      if (!permission(state).propose) throw notPermitted('nothing may be proposed now', permission(state))
    },
  }
  const requirePolicy = (state: AgentState, { proposal }: ProposalRecord, now: Date): void => {
    const verdict = evaluatePolicy(policy, policyInput(proposal.content, proposal.risk.level, state, now))
    if (verdict.allowed) return
    const rule = verdict.rule === undefined ? 'no rule allows it' : `the rule ${verdict.rule} denies it`
    throw agentError('JANUS_AGENT_POLICY_DENIED', `${proposal.id}: ${rule}`, {
      data: { proposal: proposal.id, verdict },
    })
  }
  const requireRun = (state: AgentState, { proposal }: ProposalRecord): void => {
    const may = permission(state)
    const { action, rollback } = proposal.content
    if (action.kind !== 'governance' && !may.runApproved) throw notPermitted('nothing may be run now', may)
    if (!may.network && (usesNetwork(action) || usesNetwork(rollback)))
      throw notPermitted('nothing may use the network now', may)
  }
  const requireStart = (state: AgentState, record: ProposalRecord): void => {
    requireRun(state, record)
    // What a rule approved must still be what a rule may approve.
    if (isApprovedByRule(record))
      requireRule({ ...record, status: 'proposed' }, state, permission(state), settings, tool)
  }
  const showMode = ({ state, clock }: AgentRecord): ModeAnswer => ({
    mode: state.mode.mode,
    permission: permission(state),
    gate: modeGate(state, clock.now()) ?? null,
  })

  return {
    propose: (record, draft, by) => proposeAction(record, proposing, { draft, by }),
    proposeStep: (record, { playbook }, step, by) =>
      proposeAction(record, proposing, {
        draft: stepDraft(playbook, step),
        by,
        playbook: { id: playbook.playbookId, name: playbook.name },
      }),
    proposeChange: async (record, change, rationale, by) => {
      const moved = movedBase(change, record.state, rules)
      if (moved !== undefined)
        throw agentError('JANUS_AGENT_PROPOSAL_INVALID', `it rests on what is not in force: ${moved}`, {
          data: { rule: 'base' },
        })
      requireMeaningful(change, record.state, rules)
      return proposeChange(record, proposing, { change, rationale }, by)
    },
    showRules: (state) => ({
      policy,
      sandboxProfile: rules.sandboxProfile,
      playbooks: [...state.playbooks.values()],
      settings: rules.effective.rows.map(({ key, value, from, does, secret }) => ({
        key,
        value: secret === true ? '********' : ((value ?? null) as JsonValue),
        from,
        does,
      })),
      tools: [...tools.entries.values()].map(describeTool),
      missingTools: tools.missing,
      diagnostics: rules.effective.diagnostics,
    }),
    explain: (state, draft, other, now) => {
      const { saysRollback: _, ...content } = parseProposalDraft(draft)
      const risk = computeRisk(content, tool)
      const asked = other === undefined ? policy : policyInForce(parsePolicy(other))
      const verdict = evaluatePolicy(asked, policyInput(content, risk.level, state, now))
      return { risk, verdict, permission: permission(state) }
    },
    permission: (state) => permission(state),
    permitApproval: (state, record, by, now) => {
      requirePolicy(state, record, now)
      const { action } = record.proposal.content
      if (action.kind !== 'governance') return
      const moved = movedBase(action.change, state, rules)
      if (moved !== undefined) throw agentError('JANUS_AGENT_STALE', `${record.proposal.id}: ${moved}`)
      if (by.kind === 'user' && state.keys.size > 0) {
        throw agentError('JANUS_AGENT_IDENTITY_REFUSED', 'a change of the rules is signed with an enrolled key', {
          remedy: 'Approve it with --key <file>.',
        })
      }
    },
    permitExecution: (state, record, now) => {
      requireStart(state, record)
      requirePolicy(state, record, now)
    },
    permitStart: requireStart,
    // A person undoes: what no rule may do any more is all the more to be undone, and no budget is used up by it.
    permitRollback: (state, record, now) => {
      requireRun(state, record)
      requirePolicy({ ...state, begun: [] }, record, now)
    },
    permitRule: (state, record) => requireRule(record, state, permission(state), settings, tool),
    approved: (_state, { proposal }, at) => {
      const { action } = proposal.content
      if (action.kind !== 'governance') return []
      const { change } = action
      return [
        {
          type: 'change-scheduled',
          payload: { proposal: proposal.id, change, effectiveFrom: effectiveFrom(change, at) },
        },
      ]
    },
    effectiveFrom,
    showMode,
    promoteMode: async (record, request, { actor }: Caller) => {
      await promoteMode(record, request, { by: actor, reviewDays: desk.reviewDays })
      return showMode(record)
    },
    demoteMode: async (record, request, { actor }: Caller) => {
      await demoteMode(record, request, actor)
      return showMode(record)
    },
    applyDue: async (record, consume) => {
      await record.commit((state) => ({
        events: dueModeChanges(state, record.clock.now(), conditions(state)),
        answer: undefined,
      }))
      // While everything is stopped nothing gets looser by waiting.
      const mayApply = (change: GovernanceChange) =>
        conditions(record.state).emergency === undefined || isStricter(change, policy.policy, rules)
      return applyDueChanges(record, { inForce: rulesOf, mayApply, consume })
    },
  }

  function effectiveFrom(change: Parameters<AgentParts['effectiveFrom']>[0], approvedAt: string): string {
    if (isStricter(change, policy.policy, rules)) return approvedAt
    return new Date(Date.parse(approvedAt) + desk.reviewDays * DAY_MILLISECONDS).toISOString()
  }
}

function isApprovedByRule({ decisions }: ProposalRecord): boolean {
  return decisions.some(({ decision, by }) => decision === 'approve' && by.kind === 'system')
}

/** A stop stands until a person lifts it, whatever became of the file. */
function stoppedOnRecord({ stopped }: AgentState): Pick<LiveConditions, 'emergency'> {
  return stopped === undefined ? {} : { emergency: `everything was stopped at ${stopped.at}: ${stopped.summary}` }
}

function notPermitted(problem: string, { mode, restrictions }: ReturnType<AgentParts['permission']>): Error {
  const because = restrictions.map(({ rule, because }) => `${because} (${rule})`).join('; ')
  return agentError('JANUS_AGENT_NOT_PERMITTED', because === '' ? problem : `${problem}: ${because}`, {
    data: { mode, restrictions },
  })
}
