import type { WatchRules } from '../settings/uses/watch-rules-of.js'

/** What breaks a rule and is counted. `constitution` stops at once, or lowers the mode. */
export type ViolationKind = 'watchdog' | 'quota' | 'constitution'

/** Why everything must stop, by itself. */
export interface StopReason {
  /** Name of the rule: `constitution`, `violations`, `verification`, `self-test`. */
  readonly rule: string
  /** As one sentence. */
  readonly because: string
}

/** What the counter does. */
export interface ViolationCounterOptions {
  readonly rules: Pick<WatchRules, 'violationsToStop' | 'onConstitutionalViolation'>
  /** Called once until it is reset. */
  mustStop(cause: StopReason): void
  /** Called for a violation of the constitution where the settings say `demote`. */
  mustDemote(because: string): void
}

/** Counts violations of watchdog and quota. */
export interface ViolationCounter {
  readonly count: number
  readonly threshold: number
  violated(kind: ViolationKind, summary: string): void
  /** The record failed its verification, or the sandbox its self-test: everything stops. */
  failed(rule: 'verification' | 'self-test', summary: string): void
  /** Begins again, after a person has lifted the stop. */
  reset(): void
}

const MOST_TOLD = 3

/**
 * Counts what breaks the rules and says when everything must stop: at the threshold of the settings for watchdog and quota together, at once for
 * the constitution, a verification or a self-test that failed. Violations do not expire: a person who resumes begins again.
 */
export function createViolationCounter({ rules, mustStop, mustDemote }: ViolationCounterOptions): ViolationCounter {
  let told: readonly string[] = []
  let count = 0
  let stopped = false
  const stop = (cause: StopReason): void => {
    if (stopped) return
    stopped = true
    mustStop(cause)
  }
  return {
    get count() {
      return count
    },
    threshold: rules.violationsToStop,
    violated: (kind, summary) => {
      if (kind === 'constitution') {
        if (rules.onConstitutionalViolation === 'stop') stop({ rule: 'constitution', because: summary })
        else mustDemote(summary)
        return
      }
      count += 1
      told = [...told, `${kind}: ${summary}`].slice(-MOST_TOLD)
      if (count >= rules.violationsToStop)
        stop({ rule: 'violations', because: `${count} violations of watchdog or quota, the last ${told.join('; ')}` })
    },
    failed: (rule, summary) => stop({ rule, because: summary }),
    reset: () => {
      told = []
      count = 0
      stopped = false
    },
  }
}
