import type { ExecutionLimits } from '../contract/warrant.js'

/** What no action ever gets more of. */
export const HARD_LIMITS: ExecutionLimits = {
  cpuSeconds: 300,
  wallSeconds: 600,
  memoryBytes: 4096 * 1024 * 1024,
  diskBytes: 1024 * 1024 * 1024,
  cpuPercent: 150,
  processes: 64,
}

/** One tier of limits; a dimension left out bounds nothing there. */
export type LimitTier = Partial<ExecutionLimits>

/** The least of all tiers in each dimension, never above {@link HARD_LIMITS}. */
export function leastLimits(...tiers: readonly LimitTier[]): ExecutionLimits {
  const least = (dimension: keyof ExecutionLimits): number =>
    Math.min(HARD_LIMITS[dimension], ...tiers.flatMap((tier) => tier[dimension] ?? []))
  return {
    cpuSeconds: least('cpuSeconds'),
    wallSeconds: least('wallSeconds'),
    memoryBytes: least('memoryBytes'),
    diskBytes: least('diskBytes'),
    cpuPercent: least('cpuPercent'),
    processes: least('processes'),
  }
}
