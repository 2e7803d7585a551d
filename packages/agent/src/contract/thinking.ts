import type { ModelUsage } from './model.js'

/** What came of one cycle of thinking. */
export interface ThinkingReport {
  /** When it began, ISO 8601. */
  readonly at: string
  /** Ids of what was proposed and waits, in order. */
  readonly proposed: readonly string[]
  /** What was offered and not taken, or stood in the way, and why. Holds untrusted text. */
  readonly refused: readonly ThinkingRefusal[]
  /** In one sentence, why it came to that. */
  readonly because: string
  /** Undefined when no model answered. */
  readonly usage?: ModelUsage
  /** The model that was asked; null when none was. */
  readonly model: { readonly kind: string; readonly name: string } | null
}

/** One thing that a cycle did not take. */
export interface ThinkingRefusal {
  /** Code of an error of the agent, or of an obstacle of {@link Obstacle}. */
  readonly code: string
  readonly text: string
}

/** Something that keeps proposals from being made. */
export interface Obstacle {
  /** Stable: `thinking-disabled`, `no-model`, `breaker-open`. */
  readonly code: string
  /** One sentence. */
  readonly because: string
  readonly remedy: string
}
