import type { ConformanceResult } from '../../contract/conformance-report.js'
import type { ToolManifest } from '../../contract/tool.js'
import { type RunCasesOptions, runCases } from '../conformance/run-cases.js'
import { TOOL_CLAUSES, type ToolClauseId } from './clauses.js'
import { toolCases } from './tool-cases.js'
import type { ToolExample, ToolTrialRunner } from './tool-trial.js'

/** What a conformance suite found out about one tool. */
export interface ToolConformanceReport {
  readonly tool: string
  readonly results: readonly ConformanceResult[]
  readonly passed: number
  readonly total: number
  /** Ids of clauses that concern the tool and that nothing could be tried of: it needs an example. */
  readonly untried: readonly ToolClauseId[]
}

/**
 * Runs the conformance suite on a tool, without a test runner.
 * @param tool as it is declared, with the command that runs it
 * @param examples what it is used for; at least one
 * @param run runs it as an agent would; `@janus/agent` has one that does so in its sandbox
 * @throws JANUS_ABORTED when the signal says so
 */
export async function runToolConformance(
  tool: ToolManifest,
  examples: readonly ToolExample[],
  run: ToolTrialRunner,
  options: RunCasesOptions = {},
): Promise<ToolConformanceReport> {
  const results = await runCases(toolCases({ tool, examples, run }), options)
  const tried = new Set(results.map(({ id }) => id))
  const concerned = (Object.keys(TOOL_CLAUSES) as ToolClauseId[]).filter((id) => concerns(id, tool))
  return {
    tool: tool.name,
    results,
    passed: results.filter(({ ok }) => ok).length,
    total: results.length,
    untried: concerned.filter((id) => !tried.has(id)),
  }
}

function concerns(id: ToolClauseId, tool: ToolManifest): boolean {
  switch (id) {
    case 'writes-nothing':
      return !tool.writes
    case 'uses-no-network':
      return !tool.network
    case 'idempotent':
      return tool.idempotent
    case 'probe-answers':
      return tool.probe !== undefined
    default:
      return true
  }
}
