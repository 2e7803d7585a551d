import type { EndedExecution } from './proposal-lines.js'
import { viewLine } from './view-line.js'

/** What an execution ran. */
export interface ToolUsed {
  readonly vesselId: string
  readonly proposal: string
  /** Path of the program, id of the module, or subject of the change. */
  readonly tool: string
  readonly workspace: string | null
}

/** An execution as the tool use log of the documents has it. */
export function toolUseLine({ vesselId, proposal, tool, workspace }: ToolUsed, { result, at }: EndedExecution): string {
  const { outcome, code, summary, details } = result
  return viewLine({
    timestamp: at,
    vessel_id: vesselId,
    action_id: proposal,
    tool,
    arguments_hash: result.argumentsHash,
    runtime_seconds: result.runtimeSeconds,
    cpu_percent: result.cpuPercent,
    memory_mb: result.memoryMb,
    exit_status: result.exitStatus,
    output_digest: result.outputDigest,
    execution_id: `exec-${proposal}`,
    proposal_id: proposal,
    success: outcome === 'completed',
    workspace,
    metadata: { outcome, ...(code === undefined ? {} : { code }), summary, ...details },
  })
}
