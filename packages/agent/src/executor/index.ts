export {
  createExecutionQueue,
  type ExecutionQueue,
  type ExecutionQueueOptions,
} from './create-execution-queue.js'
export { createExecutor, type Execution, type ToolExecutor } from './create-executor.js'
export { type DescribedExecution, describeExecution } from './describe-execution.js'
export type { ExecutingAgent, ExecutorOptions, ExecutorTools, PlanRunner } from './executor-options.js'
export { type Reconciled, reconcileUnknown } from './reconcile-unknown.js'
