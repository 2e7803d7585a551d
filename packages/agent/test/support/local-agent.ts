import { createLocalExecutor } from '@janus/core'
import type { EffectivePermission, Proposal } from '../../src/index.js'
import type { AgentParts } from '../../src/local/agent-parts.js'
import type { AgentGovernance, LocalAgent, LocalAgentOptions } from '../../src/local/local-agent.js'
import { openLocalAgent } from '../../src/local/open-local-agent.js'
import { findProposal } from '../../src/record/find-proposal.js'
import { put, RESOLVE, RULES, TERMS } from './decision-context.js'
import { sampleProposal } from './sample-proposal.js'
import { settableClock } from './settable-clock.js'

const PERMISSION: EffectivePermission = {
  mode: 'alpha',
  propose: true,
  runApproved: true,
  runPlaybooks: false,
  approveListed: false,
  runNovel: false,
  network: false,
  restrictions: [],
}

/** Parts that let everything pass: what governs is the subject of other tests. */
export const PERMISSIVE_PARTS: AgentParts = {
  propose: async (record, draft, by) => {
    const { id } = await put(record, sampleProposal({ proposer: by, content: draft as Partial<Proposal['content']> }))
    return findProposal(record, id)
  },
  proposeStep: async (record, { playbook }, step, by) => {
    const { tool = '', args = [] } = playbook.actionSequence[step] ?? {}
    const action = { kind: 'tool', tool, args, kwargs: {}, network: [] } as const
    const content = { metadata: { playbook_id: playbook.playbookId } }
    const { id } = await put(record, sampleProposal({ proposer: by, action, content }))
    return findProposal(record, id)
  },
  proposeChange: async (record, change, _rationale, by) => {
    const { id } = await put(
      record,
      sampleProposal({ proposer: by, risk: 'high', action: { kind: 'governance', change } }),
    )
    return findProposal(record, id)
  },
  showRules: () => ({
    policy: { policy: { schema: 'janus.policy/1', name: 'none', rules: [] }, digest: '' },
    sandboxProfile: '',
    playbooks: [],
    settings: [],
    tools: [],
    missingTools: [],
    diagnostics: [],
  }),
  explain: () => ({
    risk: { level: 'low', reasons: [] },
    verdict: { allowed: true, policy: '', considered: [] },
    permission: PERMISSION,
  }),
  permission: () => PERMISSION,
  permitApproval: () => undefined,
  permitExecution: () => undefined,
  permitStart: () => undefined,
  permitRollback: () => undefined,
  permitRule: () => undefined,
  approved: () => [],
  effectiveFrom: RESOLVE.effectiveFrom,
  showMode: () => ({ mode: 'alpha', permission: PERMISSION, gate: null }),
  promoteMode: async () => ({ mode: 'alpha', permission: PERMISSION, gate: null }),
  demoteMode: async () => ({ mode: 'alpha', permission: PERMISSION, gate: null }),
  applyDue: async () => undefined,
}

/** What a test wants to be different about an agent. */
export type LocalAgentSettings = Partial<Omit<LocalAgentOptions, 'govern'> & AgentGovernance>

/** Options of an agent on a real directory. */
export function localOptions(
  stateDirectory: string,
  { clock = settableClock(), rules, terms, resolving, parts, notification, ...more }: LocalAgentSettings = {},
): LocalAgentOptions {
  return {
    stateDirectory,
    clock,
    vesselId: 'janus-in-balaur',
    purpose: 'a test',
    govern: () => ({
      rules: rules ?? RULES,
      terms: terms ?? TERMS,
      resolving: resolving ?? (() => RESOLVE),
      parts: parts ?? PERMISSIVE_PARTS,
      notification,
    }),
    version: '0.0.0',
    ...more,
  }
}

/** An agent on a real directory. */
export function localAgent(stateDirectory: string, more: Parameters<typeof localOptions>[1] = {}): Promise<LocalAgent> {
  return openLocalAgent(localOptions(stateDirectory, more))
}

/** Runs programs for real. */
export const executor = createLocalExecutor()
