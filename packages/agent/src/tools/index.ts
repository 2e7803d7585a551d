export { BUILT_IN_NAMES } from './built-in/built-in-names.js'
export { type BuiltInTool, builtInTools } from './built-in/built-in-tools.js'
export {
  type ArgumentRefusal,
  type CheckedArguments,
  checkArguments,
  type GivenArguments,
} from './check-arguments.js'
export { type CheckedToolAction, checkToolAction } from './check-tool-action.js'
export type { ArgumentContext } from './check-value.js'
export { describeGrammar, describeValue } from './describe-grammar.js'
export { executorTools } from './executor-tools.js'
export {
  judgeNodes,
  type QualityExcellence,
  type QualityVerdict,
  type QualityViolation,
  type QualityWarning,
} from './quality-gates.js'
export { configuredToolNames, type ToolRegistry, toolRegistry } from './tool-registry.js'
export { type ToolTrialOptions, toolTrialRunner } from './tool-trial-runner.js'
