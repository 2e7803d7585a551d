import type { AgentSettings } from '../agent-settings.js'

/** What answers the agent's questions: nothing, a script, or llama.cpp. */
export type Model =
  | { readonly kind: 'none' }
  | { readonly kind: 'scripted' }
  | {
      readonly kind: 'llama'
      /** Absolute paths. */
      readonly program: string
      readonly file: string
      readonly threads: number
      /** Of answers that are no proposals. */
      readonly temperature: number
      /** Tokens of an answer at most. */
      readonly mostTokens: number
    }

/** The model, by the settings: a scripted one goes before a real one, and without a model file there is none. */
export function modelOf({ llm, debug }: AgentSettings): Model {
  if (debug.simulate_llm) return { kind: 'scripted' }
  if (llm.model_path === null) return { kind: 'none' }
  return {
    kind: 'llama',
    program: llm.llama_cli_path,
    file: llm.model_path,
    threads: llm.threads,
    temperature: llm.default_temp,
    mostTokens: llm.default_n_predict,
  }
}
