import type { AgentStatus, ProposalRow } from '../contract/agent.js'
import { MOST_EVENTS, type ScreenCard, type ScreenState } from './screen-state.js'

/** What the agent answered. @param rows of `pending` newest first, as it lists them */
export function withAnswer(
  state: ScreenState,
  answer: {
    readonly status: AgentStatus
    readonly pending: readonly ProposalRow[]
    readonly running: readonly ProposalRow[]
  },
  now: number,
): ScreenState {
  const pending = answer.pending.toReversed()
  return {
    ...state,
    status: answer.status,
    pending,
    running: answer.running.toReversed(),
    selected: keptSelection(state, pending),
    now,
    lost: undefined,
  }
}

/** A proposal was created or moved. */
export function withEvent(state: ScreenState, row: ProposalRow): ScreenState {
  return { ...state, events: [...state.events, { at: row.updatedAt, row }].slice(-MOST_EVENTS) }
}

/** The card that was asked for is there. */
export function withCard(state: ScreenState, card: ScreenCard, next: 'read' | 'approve' | 'reject'): ScreenState {
  const view =
    next === 'read'
      ? ({ kind: 'card', card, top: 0 } as const)
      : ({ kind: 'prompt', decision: next, card, top: 0, typed: '' } as const)
  return { ...state, view, message: undefined }
}

/** Back at the list, with what is to be said. */
export function withMessage(state: ScreenState, text: string, alert: boolean): ScreenState {
  return { ...state, view: { kind: 'list' }, message: { text, alert } }
}

/** What was chosen stays chosen; where it is gone, what came into its place. */
function keptSelection(
  { selected, pending: before }: ScreenState,
  pending: readonly ProposalRow[],
): string | undefined {
  if (pending.some(({ id }) => id === selected)) return selected
  const place = before.findIndex(({ id }) => id === selected)
  return (pending[Math.max(0, place)] ?? pending.at(-1))?.id
}
