import { nameOf } from '../approval/already-decided.js'
import type { Action } from '../contract/action.js'
import type { ProposalRecord } from '../contract/proposal.js'
import type { ResolvedAction } from '../contract/warrant.js'
import { cardField } from './card-field.js'
import { describeResolved } from './describe-resolved.js'
import { quoteWord } from './quote-word.js'
import { visibleLine, visibleName } from './visible-text.js'

/** What a review card is made of. */
export interface ReviewCardInput {
  readonly record: ProposalRecord
  /** What would run now; null when it cannot be resolved. */
  readonly action: ResolvedAction | null
  readonly rollback: ResolvedAction | null
  /** What stands in the way, one sentence each. */
  readonly problems: readonly string[]
  readonly approvalsNeeded: number
  /** How the printed commands begin. */
  readonly program: 'janus agent' | 'ubos'
}

/** Digits of the digest that the printed commands carry. */
const DIGEST_DIGITS = 8

/**
 * The review card: the form of the documents, then what they do not know: the computed risk, what would really run, what a failure runs, the decisions there
 * are. Nothing in it is obeyed by a terminal, whatever the proposal holds.
 */
export function reviewCard({ record, action, rollback, problems, approvalsNeeded, program }: ReviewCardInput): string {
  const { proposal, status } = record
  const { content, risk } = proposal
  return [
    `PROPOSAL: ${visibleName(proposal.id)}`,
    `Timestamp: ${visibleName(proposal.createdAt)}`,
    `Vessel: ${visibleName(content.vesselId)}`,
    '',
    `ACTION TYPE: ${visibleName(content.actionType)}`,
    `RISK LEVEL: ${risk.level.toUpperCase()}`,
    ...section('MISSION CONTEXT', cardField(content.missionContext)),
    ...section('RATIONALE', cardField(content.rationale)),
    ...section('EXPECTED OUTCOME', cardField(content.expectedOutcome)),
    ...section('RISK MITIGATION', cardField(content.riskMitigation)),
    ...section('ROLLBACK PLAN', cardField(content.rollbackPlan)),
    ...section(...invocation(content.action)),
    ...section(
      'WHAT WOULD RUN',
      action === null ? ['  nothing: it cannot be resolved'] : describeResolved(content.action, action),
    ),
    ...section('WHAT A FAILURE RUNS', whatFailureRuns(record, rollback)),
    ...section(
      'COMPUTED RISK',
      risk.reasons.flatMap(({ level, rule, because }) => cardField(`${level}: ${because} (${rule})`)),
    ),
    ...section('STANDING', standing(record, approvalsNeeded)),
    ...(problems.length === 0
      ? []
      : section(
          'PROBLEMS',
          problems.flatMap((problem) => cardField(problem)),
        )),
    ...section('DIGEST', [`  ${proposal.digest}`]),
    ...(status === 'proposed' || status === 'suspended' ? section('COMMANDS', commands(record, program)) : []),
    '',
  ].join('\n')
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return ['', `${title}:`, ...lines]
}

function invocation(action: Action): readonly [string, readonly string[]] {
  switch (action.kind) {
    case 'tool': {
      const kwargs = Object.entries(action.kwargs).map(
        ([name, value]) => `${quoteWord(name)}=${quoteWord(JSON.stringify(value))}`,
      )
      return [
        'TOOL INVOCATION',
        [
          `  Tool: ${visibleName(action.tool)}`,
          ...labelled('  Args: ', action.args.map(quoteWord).join(' ')),
          ...(kwargs.length === 0 ? [] : labelled('  Kwargs: ', kwargs.join(' '))),
        ],
      ]
    }
    case 'module':
      return [
        'MODULE ACTION',
        [`  Module: ${visibleName(action.plan.module.id)}`, `  Changes: ${action.plan.changes.length}`],
      ]
    case 'governance':
      return ['CHANGE OF THE RULES', [`  Subject: ${visibleName(action.change.subject)}`]]
  }
}

function labelled(label: string, text: string): readonly string[] {
  const [first = '', ...rest] = cardField(text)
  return [`${label}${first.trimStart()}`.trimEnd(), ...rest]
}

function whatFailureRuns({ proposal }: ProposalRecord, rollback: ResolvedAction | null): readonly string[] {
  const { action, rollback: proposed } = proposal.content
  if (proposed !== null) {
    return rollback === null ? ['  nothing: it cannot be resolved'] : describeResolved(proposed, rollback)
  }
  return [action.kind === 'module' ? '  the undo of each change that was made, newest first' : '  nothing']
}

function standing(
  { status, decisions, reason, proposedAt, timedOutAt, proposal }: ProposalRecord,
  needed: number,
): readonly string[] {
  return [
    `  Status: ${status}, proposed by ${visibleLine(nameOf(proposal.proposer))} at ${proposedAt}`,
    `  Declared risk: ${proposal.content.declaredRisk}; novelty ${proposal.novelty.score}`,
    `  Approvals needed: ${needed}`,
    ...decisions.flatMap(({ decision, by, at, reason: why }) =>
      cardField(`${nameOf(by)}: ${decision} at ${at}${why === undefined ? '' : `, ${why}`}`),
    ),
    ...(timedOutAt === undefined ? [] : [`  It has waited too long since ${timedOutAt}`]),
    ...(reason === undefined ? [] : cardField(`Why: ${reason.text}`)),
  ]
}

function commands({ proposal, status, timedOutAt }: ProposalRecord, program: string): readonly string[] {
  const approve = `${proposal.id} ${proposal.digest.slice(0, DIGEST_DIGITS)}${timedOutAt === undefined ? '' : ' --allow-stale'}`
  return [
    `  Review:  ${program} review ${proposal.id}`,
    ...(status === 'proposed' ? [`  Approve: ${program} approve ${approve}`] : []),
    `  Reject:  ${program} reject ${proposal.id} --reason 'Your reason here'`,
  ]
}
