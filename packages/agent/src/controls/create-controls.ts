import type { Clock } from '../contract/clock.js'
import type { ControlsState, HostMeasures, ReliefStage, RunAllowance, RunBacklog } from '../contract/controls.js'
import type { Monitoring } from '../settings/uses/monitoring-of.js'
import type { Pace } from '../settings/uses/pace-of.js'
import type { WatchRules } from '../settings/uses/watch-rules-of.js'
import { createAnomalyAlerts } from './anomaly-alerts.js'
import { createGovernor } from './governor.js'
import { createHostMeter, UNMEASURED } from './host-meter.js'
import type { LiveBoard } from './live-board.js'
import type { HostSample } from './read-host-sample.js'
import { createReliefValve, reliefRulesOf } from './relief-valve.js'
import { createViolationCounter, type StopReason, type ViolationCounter } from './violation-counter.js'

/** What controls are made of. */
export interface ControlsOptions {
  readonly clock: Clock
  readonly pace: Pace
  readonly watch: WatchRules
  readonly monitoring: Pick<Monitoring, 'anomalies'>
  /** Memory of the host in bytes, of which the thresholds of `watch` were made. */
  readonly totalBytes: number
  /** Told of relief, so that the permission of the agent follows it. */
  readonly board: LiveBoard
  /** Runs that wait and that are under way. */
  backlog(): RunBacklog
  /** Whether the network is allowed without regard to relief; asked each time, so that a block that was there before stays after it. Default: it is. */
  networkAllowed?(): boolean
  readSample(): Promise<HostSample>
  /** Everything must stop; called once until `resume`. */
  mustStop(cause: StopReason): void
  /** The mode must fall back to alpha. */
  mustDemote(because: string): void
  /** Told of what changed, for the log of the agent. */
  onEvent?(event: ControlsEvent): void
}

/** Something that the controls did or found. */
export interface ControlsEvent {
  /** Of the catalogue of the documents: `governor.update`, `relief.degrade`, `relief.restore`, `controls.relief_valve`, `controls.anomaly.*`. */
  readonly event: string
  readonly summary: string
  /** Whether people are to be told, where `monitoring.alert_on` names `resource_exhaustion`. */
  readonly alert: boolean
}

/** The controls of an agent. */
export interface Controls {
  /** What may be started at this moment. */
  allowance(): RunAllowance
  state(): ControlsState
  /** The last sample, for the triggers of playbooks; undefined before the first. */
  lastSample(): { readonly sample: HostSample; readonly measures: HostMeasures } | undefined
  /** Moves the governor. @param seconds since the last tick */
  tick(seconds: number): void
  /** Measures the host, and moves relief and alerts. */
  sample(): Promise<void>
  /** Ends the critical stage of relief, as only a person may. @param because who did it and why */
  resetRelief(because: string): void
  readonly violations: ViolationCounter
  /** After a person has lifted a stop: violations are counted anew. */
  resume(): void
}

/** Ticks that one update of the governor counts for at most. */
const MOST_TICKS = 2
const DEGRADED: ReadonlySet<ReliefStage> = new Set(['emergency', 'critical'])
const MILLISECONDS = 1000

/** Puts governor, relief valve, alerts and the count of violations together over one host. Starts no timer of its own: see `runControls`. */
export function createControls(options: ControlsOptions): Controls {
  const { clock, pace, watch, board, backlog, networkAllowed = () => true, onEvent = () => undefined } = options
  const governor =
    pace.governor &&
    createGovernor({
      ...pace.governor,
      most: pace.mostRuns,
      longestStep: (pace.tickMilliseconds * MOST_TICKS) / MILLISECONDS,
    })
  const valve = pace.relief ? createReliefValve(reliefRulesOf({ ...watch, totalBytes: options.totalBytes })) : undefined
  const alerts = createAnomalyAlerts()
  const meter = createHostMeter()
  const violations = createViolationCounter({
    rules: watch,
    mustStop: (cause) => options.mustStop(cause),
    mustDemote: (because) => options.mustDemote(because),
  })
  let since: string | null = null
  let last: { readonly sample: HostSample; readonly measures: HostMeasures } | undefined

  const stage = (): ReliefStage => valve?.reading.stage ?? 'sealed'
  const allowance = (): RunAllowance => ({
    concurrency: relieved(stage(), governor?.state.allowed ?? pace.mostRuns, pace.mostRuns),
    network: networkAllowed() && !DEGRADED.has(stage()),
  })

  const relief = (before: ReliefStage, reset?: string): void => {
    if (valve === undefined) return
    const { stage: now, because } = valve.reading
    const degraded = DEGRADED.has(now)
    board.set('relief', degraded ? `the host is under pressure (${now}): ${because ?? ''}` : undefined)
    if (now === before) return
    since = clock.now().toISOString()
    const why = reset ?? because
    const summary = `${before} to ${now}${why === undefined ? '' : `: ${why}`}`
    if (degraded === DEGRADED.has(before))
      onEvent({ event: 'controls.relief_valve', summary, alert: now === 'critical' })
    else onEvent({ event: degraded ? 'relief.degrade' : 'relief.restore', summary, alert: degraded })
  }

  return {
    allowance,
    state: () => ({
      allowance: allowance(),
      backlog: backlog(),
      governor: governor?.state ?? null,
      relief: valve === undefined ? null : { stage: stage(), because: valve.reading.because ?? null, since },
      measures: last?.measures ?? UNMEASURED,
      anomalies: alerts.holding,
      violations: { count: violations.count, threshold: violations.threshold },
    }),
    lastSample: () => last,
    tick: (seconds) => {
      // What waits because relief holds it back is no demand that the governor could follow.
      if (governor === undefined || DEGRADED.has(stage())) return
      const before = governor.state.allowed
      const { allowed, proportional, integral } = governor.update(backlog(), seconds)
      if (allowed === before) return
      const summary = `${before} to ${allowed} runs at a time (P ${proportional.toFixed(2)}, I ${integral.toFixed(2)})`
      onEvent({ event: 'governor.update', summary, alert: false })
    },
    sample: async () => {
      const sample = await options.readSample()
      const measures = meter.measure(sample)
      // Processor use is measured between two samples, so the first tells nothing of it and decides nothing.
      const first = last === undefined
      last = { sample, measures }
      if (options.monitoring.anomalies) {
        for (const { event, holds, summary } of alerts.sample(measures))
          onEvent({ event, summary: holds ? summary : `over: ${summary}`, alert: holds })
      }
      if (first) return
      const before = stage()
      valve?.sample(measures)
      relief(before)
    },
    resetRelief: (because) => {
      const before = stage()
      valve?.reset()
      relief(before, because)
    },
    violations,
    resume: () => violations.reset(),
  }
}

function relieved(stage: ReliefStage, allowed: number, most: number): number {
  switch (stage) {
    case 'sealed':
      return allowed
    case 'venting':
      return Math.min(allowed, Math.ceil(most / 2))
    case 'emergency':
      return Math.min(allowed, 1)
    case 'critical':
      return 0
  }
}
