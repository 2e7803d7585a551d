import type { ModeEvidence } from '../contract/mode.js'
import type { AgentState } from '../record/agent-state.js'

const DAY_SECONDS = 24 * 3600

/** The numbers of the mode, as the record adds them up. */
export function modeEvidence({ mode }: AgentState): ModeEvidence {
  const { approved, rejected, timedOut, seconds, violations } = mode
  const decisions = approved + rejected + timedOut
  return {
    mode: mode.mode,
    since: mode.since ?? '',
    days: Math.floor(seconds / DAY_SECONDS),
    approved,
    rejected,
    timedOut,
    approvalRate: decisions === 0 ? null : approved / decisions,
    violations,
  }
}
