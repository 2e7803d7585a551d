import type { HostMeasures, ReliefStage } from '../contract/controls.js'

/** When the valve opens. Percentages. */
export interface ReliefRules {
  /** Processor use that degrades; it vents 5 points below and is critical 5 points above. */
  readonly cpuPercent: number
  /** The same of memory. */
  readonly memoryPercent: number
  /** Samples in a row that a stage takes to be entered or left. */
  readonly samples: number
}

/** The valve after a sample. */
export interface ReliefReading {
  readonly stage: ReliefStage
  /** What keeps it from being sealed; undefined when it is. */
  readonly because: string | undefined
}

/** Opens in stages while the host is under pressure. */
export interface ReliefValve {
  readonly reading: ReliefReading
  sample(measures: HostMeasures): ReliefReading
  /** Ends the critical stage, as only a person may: down to emergency, from where samples lead on. Does nothing in another stage. */
  reset(): ReliefReading
}

const SAMPLES = 3
/** Points around the configured threshold at which the stages begin. */
const STAGES = [
  { stage: 'critical', points: 5 },
  { stage: 'emergency', points: 0 },
  { stage: 'venting', points: -5 },
] as const satisfies readonly { readonly stage: ReliefStage; readonly points: number }[]
/** A stage is left so far below its beginning. */
const HYSTERESIS = 10
/** Share of ten seconds in which everything waited that degrades: at a third of its time a machine is hardly usable. */
const STALL_PERCENT = 30
const RANK: Readonly<Record<ReliefStage, number>> = { sealed: 0, venting: 1, emergency: 2, critical: 3 }

/** The rules of a configuration. @param rules thresholds in percent and bytes, and the memory of the host in bytes */
export function reliefRulesOf(rules: {
  readonly mostCpuPercent: number
  readonly mostMemoryBytes: number
  readonly totalBytes: number
}): ReliefRules {
  const { mostCpuPercent, mostMemoryBytes, totalBytes } = rules
  return { cpuPercent: mostCpuPercent, memoryPercent: (mostMemoryBytes / totalBytes) * 100, samples: SAMPLES }
}

/**
 * A valve with hysteresis: a stage is entered after so many samples in a row at or above its beginning, left after as many that are all more than 10 points below it,
 * one stage at a time. Critical is entered from emergency only, and left by {@link ReliefValve.reset} only. A host that cannot be measured is taken for one in emergency.
 */
export function createReliefValve(rules: ReliefRules): ReliefValve {
  let reading: ReliefReading = { stage: 'sealed', because: undefined }
  /** Levels of the last samples, newest last. */
  let levels: readonly Level[] = []

  return {
    get reading() {
      return reading
    },
    sample: (measures) => {
      levels = [...levels, levelOf(measures, rules)].slice(-rules.samples)
      if (levels.length < rules.samples) return reading
      const next = nextStage(reading.stage, levels)
      if (next !== reading.stage) levels = []
      const newest = levelOf(measures, rules)
      reading = { stage: next, because: next === 'sealed' ? undefined : newest.because }
      return reading
    },
    reset: () => {
      if (reading.stage !== 'critical') return reading
      levels = []
      reading = { ...reading, stage: 'emergency' }
      return reading
    },
  }
}

/** Points above the configured threshold of the signal that is worst. */
interface Level {
  readonly points: number
  readonly because: string
}

function levelOf(measures: HostMeasures, { cpuPercent, memoryPercent }: ReliefRules): Level {
  if (measures.cpuPercent === undefined || measures.memoryPercent === undefined)
    return {
      points: 0,
      because: `the ${measures.cpuPercent === undefined ? 'processor' : 'memory'} use of the host cannot be measured`,
    }
  const signals = [
    { of: 'processor use', value: measures.cpuPercent, threshold: cpuPercent },
    { of: 'memory use', value: measures.memoryPercent, threshold: memoryPercent },
    { of: 'time in which everything waited for memory', value: measures.memoryStallPercent, threshold: STALL_PERCENT },
    { of: 'time in which everything waited for disks', value: measures.ioStallPercent, threshold: STALL_PERCENT },
  ]
  const [worst] = signals
    .flatMap(({ of, value, threshold }) =>
      value === undefined
        ? []
        : [
            {
              points: value - threshold,
              because: `${of} is ${value.toFixed(0)} %, and ${threshold.toFixed(0)} % degrades`,
            },
          ],
    )
    .toSorted((one, other) => other.points - one.points)
  return worst ?? { points: 0, because: 'nothing of the host can be measured' }
}

function nextStage(stage: ReliefStage, levels: readonly Level[]): ReliefStage {
  const least = Math.min(...levels.map(({ points }) => points))
  const reached = STAGES.find(({ points }) => least >= points)?.stage ?? 'sealed'
  if (RANK[reached] > RANK[stage]) return reached === 'critical' && stage !== 'emergency' ? 'emergency' : reached
  if (stage === 'sealed' || stage === 'critical') return stage
  const entered = STAGES.find((one) => one.stage === stage)?.points ?? 0
  const most = Math.max(...levels.map(({ points }) => points))
  if (most >= entered - HYSTERESIS) return stage
  return stage === 'emergency' ? 'venting' : 'sealed'
}
