import type { HostMeasures } from '../contract/controls.js'

/** Something out of the ordinary began or ended. */
export interface AnomalyAlert {
  /** `controls.anomaly.high_memory`, `.high_cpu`, `.high_disk`. */
  readonly event: string
  readonly holds: boolean
  readonly summary: string
}

/** Tells once of what is out of the ordinary. */
export interface AnomalyAlerts {
  /** Names of the events that hold now. */
  readonly holding: readonly string[]
  /** What began or ended with this sample. What was not measured changes nothing. */
  sample(measures: HostMeasures): readonly AnomalyAlert[]
}

/** Percentages above which each is told; it is told again only after it was 10 points below. */
const ANOMALIES = [
  { event: 'controls.anomaly.high_memory', of: 'memory', above: 90, value: (host: HostMeasures) => host.memoryPercent },
  {
    event: 'controls.anomaly.high_cpu',
    of: 'the processors',
    above: 90,
    value: (host: HostMeasures) => host.cpuPercent,
  },
  { event: 'controls.anomaly.high_disk', of: 'the disk', above: 85, value: (host: HostMeasures) => host.diskPercent },
] as const
const REARM_POINTS = 10

/** Alerts of high use of memory, processors and disk, each once until it has gone back. */
export function createAnomalyAlerts(): AnomalyAlerts {
  const holding = new Set<string>()
  return {
    get holding() {
      return [...holding]
    },
    sample: (measures) =>
      ANOMALIES.flatMap(({ event, of, above, value }): readonly AnomalyAlert[] => {
        const percent = value(measures)
        if (percent === undefined) return []
        const summary = `${percent.toFixed(0)} % of ${of} is in use, ${above} % is high`
        if (percent > above && !holding.has(event)) {
          holding.add(event)
          return [{ event, holds: true, summary }]
        }
        if (percent < above - REARM_POINTS && holding.delete(event)) return [{ event, holds: false, summary }]
        return []
      }),
  }
}
