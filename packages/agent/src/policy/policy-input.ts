import type { Action } from '../contract/action.js'
import type { OperationalMode } from '../contract/mode.js'
import type { ProposalContent } from '../contract/proposal.js'
import type { RiskLevel } from '../contract/risk.js'
import type { AgentState } from '../record/agent-state.js'
import { hostIn, pathsIn } from '../risk/named-places.js'
import { optionWords } from '../warrant/option-words.js'

/** What a policy is asked about. */
export interface PolicyInput {
  readonly kind: Action['kind']
  readonly actionType: string
  /** Name of the tool; undefined for what is none. */
  readonly tool: string | undefined
  readonly module: string | undefined
  readonly args: readonly string[]
  readonly paths: readonly string[]
  readonly hosts: readonly string[]
  readonly risk: RiskLevel
  readonly mode: OperationalMode
  readonly now: Date
  /** When executions were begun, milliseconds since the epoch. */
  readonly executions: readonly number[]
  /** What a failure runs, asked about by itself. */
  readonly rollback?: PolicyInput
}

/** What a policy is asked about a proposal, as things are. */
export function policyInput(
  { action, actionType, rollback }: Pick<ProposalContent, 'action' | 'actionType' | 'rollback'>,
  risk: RiskLevel,
  state: AgentState,
  now: Date,
): PolicyInput {
  const args = action.kind === 'tool' ? [...action.args, ...optionWords(action.kwargs)] : []
  return {
    kind: action.kind,
    actionType,
    tool: action.kind === 'tool' ? action.tool : undefined,
    module: action.kind === 'module' ? action.plan.module.id : undefined,
    args,
    paths: args.flatMap(pathsIn),
    hosts:
      action.kind === 'tool'
        ? [...action.network, ...args.map(hostIn).filter((host) => host !== undefined)].map((host) =>
            host.toLowerCase(),
          )
        : [],
    risk,
    mode: state.mode.mode,
    now,
    executions: state.begun,
    ...(rollback === null
      ? {}
      : { rollback: policyInput({ action: rollback, actionType, rollback: null }, risk, state, now) }),
  }
}
