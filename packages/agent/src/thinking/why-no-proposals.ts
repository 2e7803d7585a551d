import type { Obstacle, ThinkingReport } from '../contract/thinking.js'
import { obstaclesToThinking, type ThinkingConditions } from './obstacles-to-thinking.js'

/** What is known of an agent that makes no proposals. */
export interface WhyNoProposals extends ThinkingConditions {
  /** The last cycle, where one is known. */
  readonly lastReport?: ThinkingReport | undefined
}

/**
 * Why an agent makes no proposals: each switch, gate, limit or breaker that stands in the way now, and when none does, what came of the last cycle. For status and doctor.
 */
export function whyNoProposals(known: WhyNoProposals): readonly Obstacle[] {
  const obstacles = obstaclesToThinking(known)
  const { lastReport } = known
  if (obstacles.length > 0 || lastReport === undefined || lastReport.proposed.length > 0) return obstacles
  return [
    {
      code: 'last-cycle',
      because: `the cycle of ${lastReport.at} proposed nothing: ${lastReport.because}`,
      remedy: 'Run `janus agent think --once`, which prints what was refused and why.',
    },
  ]
}
