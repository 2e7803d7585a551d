/** Time that all processors spent since boot, in clock ticks. */
export interface ProcessorTime {
  readonly busy: number
  readonly total: number
}

/** Memory in bytes. */
export interface MemoryUse {
  readonly totalBytes: number
  readonly availableBytes: number
}

/** Shares of the last ten seconds in percent, see Documentation/accounting/psi.rst: `some`: a task waited; `full`: all did. */
export interface Pressure {
  readonly some: number
  /** Absent for processors before Linux 5.13. */
  readonly full: number | undefined
}

const KIB = 1024
/** user nice system idle iowait irq softirq steal; what guests used is in user and nice already. */
const CPU_FIELDS = 8
const IDLE = 3
const IOWAIT = 4

/** The line of all processors of /proc/stat. @returns undefined for what is none */
export function parseProcessorTime(text: string): ProcessorTime | undefined {
  const line = /^cpu((?:[ \t]+\d{1,20})+)[ \t]*$/m.exec(text)?.[1]
  const ticks =
    line
      ?.trim()
      .split(/[ \t]+/)
      .slice(0, CPU_FIELDS)
      .map(Number) ?? []
  if (ticks.length <= IDLE) return undefined
  const total = ticks.reduce((sum, each) => sum + each, 0)
  return { total, busy: total - (ticks[IDLE] ?? 0) - (ticks[IOWAIT] ?? 0) }
}

/** Total and available memory of /proc/meminfo. @returns undefined where either is missing, before Linux 3.14 */
export function parseMemoryUse(text: string): MemoryUse | undefined {
  const [total, available] = [kibOf(text, 'MemTotal'), kibOf(text, 'MemAvailable')]
  if (total === undefined || available === undefined || total === 0) return undefined
  return { totalBytes: total * KIB, availableBytes: Math.min(available, total) * KIB }
}

/** A file of /proc/pressure. @returns undefined for what is none */
export function parsePressure(text: string): Pressure | undefined {
  const [some, full] = [averageOf(text, 'some'), averageOf(text, 'full')]
  return some === undefined ? undefined : { some, full }
}

/** The three averages of /proc/loadavg, over 1, 5 and 15 minutes. */
export function parseLoad(text: string): readonly [number, number, number] | undefined {
  const found = /^(\d{1,9}\.\d\d) (\d{1,9}\.\d\d) (\d{1,9}\.\d\d) /.exec(text)
  return found === null ? undefined : [Number(found[1]), Number(found[2]), Number(found[3])]
}

function kibOf(text: string, name: string): number | undefined {
  const found = new RegExp(`^${name}:[ \\t]+(\\d{1,15}) kB[ \\t]*$`, 'm').exec(text)?.[1]
  return found === undefined ? undefined : Number(found)
}

function averageOf(text: string, line: 'some' | 'full'): number | undefined {
  const found = new RegExp(`^${line} avg10=(\\d{1,3}\\.\\d\\d) `, 'm').exec(text)?.[1]
  return found === undefined ? undefined : Math.min(Number(found), 100)
}
