import type { JsonValue } from '@janus/core'

/** Something that happened and decides nothing: for the agent log, not for the record. Names are those of the documents' catalogue where they have one. */
export interface LogEvent {
  /** `thinking_cycle.begin`, `mission.transition.applied`. */
  readonly event: string
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  /** May hold untrusted text. */
  readonly data: Readonly<Record<string, JsonValue>>
  /** Numbers that the line has as a member of their own. */
  readonly metrics?: Readonly<Record<string, number>>
}

/** Takes events as they happen; it never throws. */
export type TellEvent = (event: LogEvent) => void
