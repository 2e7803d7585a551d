import type { ExecutionResult } from '../contract/execution.js'

/** The result of an execution of which no program was seen to run: nothing of it was measured. */
export function unobservedResult({ outcome, summary }: Pick<ExecutionResult, 'outcome' | 'summary'>): ExecutionResult {
  return {
    outcome,
    summary,
    exitStatus: null,
    runtimeSeconds: 0,
    argumentsHash: '',
    outputDigest: '',
    cpuPercent: null,
    memoryMb: null,
    details: {},
  }
}
