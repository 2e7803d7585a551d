import type { DecisionContext } from '../../src/approval/decide-proposal.js'
import type { AgentRecord } from '../../src/index.js'
import { decisionContext } from './decision-context.js'

/**
 * A context in which a decision meets others at the moment it knows what would run, and is made so many turns later: without it whoever need not look at a
 * program would win every race.
 * @returns the context, and what is fulfilled at that moment
 */
export function meetingContext(
  record: AgentRecord,
  later: number,
): { readonly context: DecisionContext; readonly meeting: Promise<void> } {
  const context = decisionContext(record)
  let meet = (): void => undefined
  const meeting = new Promise<void>((resolve) => {
    meet = resolve
  })
  const resolve: DecisionContext['resolve'] = async (...asked) => {
    const resolved = await context.resolve(...asked)
    meet()
    await turns(later)
    return resolved
  }
  return { context: { ...context, resolve }, meeting }
}

/** Lets whatever else is about to happen go first, so many times. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve()
}
