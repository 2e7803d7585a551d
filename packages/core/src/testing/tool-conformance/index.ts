export { TOOL_CLAUSES, type ToolClause, type ToolClauseId } from './clauses.js'
export { runToolConformance, type ToolConformanceReport } from './run-tool-conformance.js'
export type {
  ToolExample,
  ToolTrial,
  ToolTrialRequest,
  ToolTrialRunner,
  WorkspaceFiles,
} from './tool-trial.js'
