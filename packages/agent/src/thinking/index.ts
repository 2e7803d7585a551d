export type { MadePlan } from './ask-for-drafts.js'
export { buildPrompt, type ModuleSummary, type PromptInput, type ToolSummary } from './build-prompt.js'
export { type BreakerState, type CircuitBreaker, createCircuitBreaker } from './circuit-breaker.js'
export { createLlamaModel, type LlamaModelOptions, type LlamaRunner } from './create-llama-model.js'
export { type CreateModelOptions, createModel } from './create-model.js'
export { createScriptedModel } from './create-scripted-model.js'
export { createServerModel, type ServerModelOptions } from './create-server-model.js'
export {
  type CreateThinkerOptions,
  createThinker,
  THINKING_CYCLE,
  type Thinker,
  type ThinkerParts,
} from './create-thinker.js'
export { modulesOfJanus, type PlanningJanus } from './modules-of-janus.js'
export { obstaclesToThinking, type ThinkingConditions } from './obstacles-to-thinking.js'
export { thinkOnce } from './think-once.js'
export type { ThinkOptions } from './think-options.js'
export { type ContextInput, type ThinkingContext, thinkingContext } from './thinking-context.js'
export { toolSummaries } from './tool-summaries.js'
export { type WhyNoProposals, whyNoProposals } from './why-no-proposals.js'
