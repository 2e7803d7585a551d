import type { ChatModel } from '../contract/model.js'
import type { Model } from '../settings/uses/model-of.js'
import { createLlamaModel, type LlamaRunner } from './create-llama-model.js'
import { createScriptedModel } from './create-scripted-model.js'
import { createServerModel } from './create-server-model.js'

/** What a model is made with. */
export interface CreateModelOptions {
  /** Where the variable with the key of a server is looked for. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Runs the program of llama.cpp; without one that kind of model is none. */
  readonly llama: LlamaRunner | undefined
  /** Tool that the scripted model proposes. */
  readonly scriptedTool: string | undefined
  /** Milliseconds that only grow. */
  monotonic(): number
}

/**
 * The model of the settings.
 * @returns undefined when there is none: nothing stands in for it unasked
 */
export function createModel(
  model: Model,
  { env, llama, scriptedTool, monotonic }: CreateModelOptions,
): ChatModel | undefined {
  switch (model.kind) {
    case 'none':
      return undefined
    case 'scripted':
      return createScriptedModel(scriptedTool)
    case 'server':
      return createServerModel(model, { env, monotonic })
    case 'llama':
      return llama && createLlamaModel(model, { ...llama, monotonic })
  }
}
