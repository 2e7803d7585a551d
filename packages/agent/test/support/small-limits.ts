import type { ExecutionLimits } from '../../src/index.js'

const MIB = 1024 * 1024

/** Bounds that a test needs no more than. */
export const SMALL: ExecutionLimits = {
  cpuSeconds: 20,
  wallSeconds: 30,
  memoryBytes: 128 * MIB,
  diskBytes: 16 * MIB,
  cpuPercent: 100,
  processes: 24,
}
