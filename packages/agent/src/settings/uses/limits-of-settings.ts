import type { ExecutionLimits } from '../../contract/warrant.js'
import { leastLimits } from '../../warrant/execution-limits.js'
import type { AgentSettings } from '../agent-settings.js'

const MIB = 1024 * 1024

/**
 * The bounds of a run: the least of what is configured in each dimension, never above the hard ceiling of the documents.
 * @param automatic for what no person approved
 */
export function limitsOfSettings(
  { sandbox, security, harness, auto_executor: auto }: AgentSettings,
  automatic: boolean,
): ExecutionLimits {
  const everybody = {
    cpuPercent: sandbox.policy.cpu_quota_percent,
    memoryBytes: sandbox.policy.memory_limit_mb * MIB,
    diskBytes: security.filesystem.max_workspace_size_mb * MIB,
    wallSeconds: harness.default_timeout_minutes * 60,
  }
  if (!automatic) return leastLimits(everybody)
  const { cpu_percent_max, memory_mb_max, disk_mb_max, timeout_seconds } = auto.resource_limits
  return leastLimits(everybody, {
    cpuPercent: cpu_percent_max,
    memoryBytes: memory_mb_max * MIB,
    diskBytes: disk_mb_max * MIB,
    wallSeconds: timeout_seconds,
  })
}
