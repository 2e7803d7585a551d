import { randomBytes } from 'node:crypto'
import { isJanusError, type JsonValue } from '@janus/core'
import type { ApprovedPlaybook, Metrics, TriggerCondition } from '../contract/playbook.js'
import type { ProposalRecord } from '../contract/proposal.js'
import type { ThinkingRefusal } from '../contract/thinking.js'

/** The step of a run of a playbook that a proposal is. */
export interface PlaybookRunStep {
  readonly id: string
  readonly name: string
  /** One for all steps that were proposed together. */
  readonly run: string
  /** 1 for the first. */
  readonly step: number
  readonly steps: number
}

/** Proposes a step on the record. @throws as `proposeAction` */
export type ProposeStep = (draft: JsonValue, step: PlaybookRunStep) => Promise<ProposalRecord>

/** What came of it. */
export interface ProposedPlaybook {
  readonly proposed: readonly string[]
  /** Why a step could not be proposed: those behind it were not. */
  readonly refused: ThinkingRefusal | undefined
}

/**
 * Proposes the steps of a playbook whose triggers hold, in order and under one run, until one is refused. Whoever runs them takes a step when the one before it is completed.
 * @param newRun names the run. Default: random
 */
export async function proposePlaybook(
  { playbook }: ApprovedPlaybook,
  metrics: Metrics,
  propose: ProposeStep,
  newRun: () => string = () => randomBytes(6).toString('hex'),
): Promise<ProposedPlaybook> {
  const run = newRun()
  const proposed: string[] = []
  const because = triggersInWords(playbook.triggerConditions, metrics)
  for (const [index, { tool, args }] of playbook.actionSequence.entries()) {
    const draft = {
      mission_context: `Playbook ${playbook.name}`,
      action_type: 'playbook_step',
      rationale: `Step ${index + 1} of ${playbook.actionSequence.length} of the playbook ${playbook.playbookId}, since ${because}`,
      expected_outcome: playbook.description,
      risk_level: 'low',
      risk_mitigation: 'People approved the playbook to the last argument',
      rollback_plan: 'The playbook names nothing that undoes this step',
      tool_name: tool,
      tool_args: [...args],
      rollback: null,
    }
    try {
      const { proposal } = await propose(draft, {
        id: playbook.playbookId,
        name: playbook.name,
        run,
        step: index + 1,
        steps: playbook.actionSequence.length,
      })
      proposed.push(proposal.id)
    } catch (error) {
      if (!isJanusError(error)) throw error
      return { proposed, refused: { code: error.code, text: `playbook ${playbook.playbookId}, step ${index + 1}: ${error.message}` } }
    }
  }
  return { proposed, refused: undefined }
}

function triggersInWords(triggers: Readonly<Record<string, TriggerCondition>>, metrics: Metrics): string {
  return Object.entries(triggers)
    .map(([name, trigger]) => `${name} is ${JSON.stringify(metrics[name] ?? null)} (${conditionInWords(trigger)})`)
    .join(' and ')
    .slice(0, 2000)
}

function conditionInWords(trigger: TriggerCondition): string {
  switch (trigger.operator) {
    case 'in':
      return `one of ${trigger.values.join(', ')}`
    case 'between':
      return `from ${trigger.from} to ${trigger.to}`
    default:
      return `${trigger.operator} ${trigger.value}`
  }
}
