import type { AgentStatus, ProposalRow } from '../contract/agent.js'

/** Everything that the screen shows. Rows and cards hold untrusted text. */
export interface ScreenState {
  /** Undefined before the first answer. */
  readonly status: AgentStatus | undefined
  /** What waits for a decision, the oldest first. */
  readonly pending: readonly ProposalRow[]
  readonly running: readonly ProposalRow[]
  /** Moves of proposals since the screen was opened, the newest last. */
  readonly events: readonly ScreenEvent[]
  /** Id of the proposal that keys are about. */
  readonly selected: string | undefined
  readonly view: ScreenView
  readonly message: { readonly text: string; readonly alert: boolean } | undefined
  /** Milliseconds since the epoch, for ages. */
  readonly now: number
  /** Why nothing new is told; undefined while the agent answers. */
  readonly lost: string | undefined
}

/** One line of the last events. */
export interface ScreenEvent {
  readonly at: string
  readonly row: ProposalRow
}

/** What stands in the middle of the screen. */
export type ScreenView =
  | { readonly kind: 'list' }
  | { readonly kind: 'help' }
  /** Waits for an answer of the agent; nothing that is typed meanwhile counts. */
  | { readonly kind: 'waiting'; readonly for: string }
  | { readonly kind: 'card'; readonly card: ScreenCard; readonly top: number }
  /** Asks for the digest or the reason, the card above it. */
  | {
      readonly kind: 'prompt'
      readonly decision: 'approve' | 'reject'
      readonly card: ScreenCard
      readonly top: number
      readonly typed: string
    }

/** A review card as it was shown. */
export interface ScreenCard {
  readonly proposal: string
  readonly digest: string
  readonly lines: readonly string[]
}

/** What a key wants done. */
export type ScreenEffect =
  | { readonly kind: 'quit' }
  | { readonly kind: 'open'; readonly proposal: string; readonly next: 'read' | 'approve' | 'reject' }
  | { readonly kind: 'approve'; readonly proposal: string; readonly digest: string }
  | { readonly kind: 'reject'; readonly proposal: string; readonly digest: string; readonly reason: string }

/** Events that are kept. */
export const MOST_EVENTS = 200

/** A screen before anything is known. @param now milliseconds since the epoch */
export function emptyScreen(now: number): ScreenState {
  return {
    status: undefined,
    pending: [],
    running: [],
    events: [],
    selected: undefined,
    view: { kind: 'list' },
    message: undefined,
    now,
    lost: undefined,
  }
}
