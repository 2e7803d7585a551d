import type { Signature } from './actor.js'

/** Operations that run without a person once their trigger fires, approved beforehand and pinned by digest. */
export interface Playbook {
  readonly schema: 'janus.playbook/1'
  readonly playbookId: string
  readonly name: string
  readonly description: string
  /** All must hold; by name of a metric. */
  readonly triggerConditions: Readonly<Record<string, TriggerCondition>>
  /** In order; the first that fails ends it. */
  readonly actionSequence: readonly PlaybookStep[]
}

/** One step of a playbook. */
export interface PlaybookStep {
  readonly tool: string
  readonly args: readonly string[]
}

/** One parsed trigger. */
export type TriggerCondition =
  | { readonly operator: '>' | '>=' | '<' | '<=' | '==' | '!='; readonly value: number | string | boolean }
  | { readonly operator: 'in'; readonly values: readonly (number | string)[] }
  | { readonly operator: 'between'; readonly from: number; readonly to: number }

/** A playbook that people approved. */
export interface ApprovedPlaybook {
  readonly playbook: Playbook
  /** SHA-256 over its RFC 8785 JSON. */
  readonly digest: string
  /** Of the decisions that approved it; the statements stand in the record, see `decisionStatement`. */
  readonly signatures: readonly Signature[]
  readonly approvedAt: string
}

/** Live numbers by name, as the triggers name them. */
export type Metrics = Readonly<Record<string, number | string | boolean>>
