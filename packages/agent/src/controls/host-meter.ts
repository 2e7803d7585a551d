import type { HostMeasures } from '../contract/controls.js'
import type { ProcessorTime } from './parse-proc.js'
import type { HostSample } from './read-host-sample.js'

/** Makes measures of samples. */
export interface HostMeter {
  /** The first sample tells nothing of the processors: it is measured between two. */
  measure(sample: HostSample): HostMeasures
}

/** Nothing measured. */
export const UNMEASURED: HostMeasures = {
  cpuPercent: undefined,
  memoryPercent: undefined,
  diskPercent: undefined,
  memoryStallPercent: undefined,
  ioStallPercent: undefined,
}

/** Percentages from samples; processor use is real use, not the load average, which counts what waits for disks too. */
export function createHostMeter(): HostMeter {
  let before: ProcessorTime | undefined
  return {
    measure: ({ processor, memory, disk, pressure }) => {
      const cpuPercent = usedBetween(before, processor)
      before = processor
      return {
        cpuPercent,
        memoryPercent:
          memory === undefined ? undefined : percent(memory.totalBytes - memory.availableBytes, memory.totalBytes),
        diskPercent: disk === undefined ? undefined : percent(disk.totalBytes - disk.freeBytes, disk.totalBytes),
        memoryStallPercent: pressure.memory?.full,
        ioStallPercent: pressure.io?.full,
      }
    },
  }
}

function usedBetween(before: ProcessorTime | undefined, now: ProcessorTime | undefined): number | undefined {
  if (before === undefined || now === undefined || now.total <= before.total) return undefined
  return percent(now.busy - before.busy, now.total - before.total)
}

/** Counters of the kernel may go back a little (iowait), so it is kept between 0 and 100. */
function percent(part: number, whole: number): number | undefined {
  return whole <= 0 ? undefined : Math.min(Math.max((part / whole) * 100, 0), 100)
}
