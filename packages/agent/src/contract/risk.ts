/** How much harm an action can do. */
export type RiskLevel = 'low' | 'medium' | 'high'

/** The levels in ascending order. */
export const RISK_LEVELS = ['low', 'medium', 'high'] as const satisfies readonly RiskLevel[]

/** A risk as Janus computed it. */
export interface ComputedRisk {
  /** Never below what was declared. */
  readonly level: RiskLevel
  /** Every rule that had a say, the one that decided first. */
  readonly reasons: readonly RiskReason[]
}

/** What one rule says about an action. */
export interface RiskReason {
  readonly level: RiskLevel
  /** Stable name of the rule: `declared`, `action-type`, `interpreter`, `network`, `outside-workspace`, `module-plan`. */
  readonly rule: string
  readonly because: string
}
