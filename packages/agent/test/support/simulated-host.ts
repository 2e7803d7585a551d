import type { HostSample } from '../../src/index.js'

/** A host whose use a test sets, as samples of it would show it. */
export interface SimulatedHost {
  use(percent: Partial<Record<'cpu' | 'memory' | 'disk' | 'memoryStall', number>>): void
  readSample(): Promise<HostSample>
}

/** Memory of {@link simulatedHost}. */
export const SIMULATED_BYTES = 1_000_000

export function simulatedHost(): SimulatedHost {
  let now = { cpu: 5, memory: 5, disk: 5, memoryStall: 0 }
  let [busy, total] = [0, 0]
  return {
    use: (percent) => {
      now = { ...now, ...percent }
    },
    readSample: async () => {
      total += 1000
      busy += now.cpu * 10
      return {
        processor: { busy, total },
        memory: { totalBytes: SIMULATED_BYTES, availableBytes: SIMULATED_BYTES * (1 - now.memory / 100) },
        load: [0, 0, 0],
        pressure: { cpu: undefined, memory: { some: now.memoryStall, full: now.memoryStall }, io: undefined },
        disk: { totalBytes: 100, freeBytes: 100 - now.disk },
        processes: 1,
        connections: 0,
      }
    },
  }
}
