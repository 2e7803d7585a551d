import type { AgentSettings } from '../agent-settings.js'

const SECOND = 1000

/** What answers the agent's questions: nothing, a script, a server, or llama.cpp. */
export type Model = { readonly kind: 'none' } | { readonly kind: 'scripted' } | ServerModelSettings | LlamaModelSettings

/** A server that speaks the OpenAI chat API. */
export interface ServerModelSettings {
  readonly kind: 'server'
  readonly baseUrl: string
  /** Name it is asked for. */
  readonly model: string
  /** Hosts besides this one that the address may name. */
  readonly allowedHosts: readonly string[]
  /** Where its key is; undefined: it wants none. */
  readonly apiKey: { readonly file: string } | { readonly variable: string } | undefined
  readonly stream: boolean
  /** Milliseconds. */
  readonly deadlines: { readonly connect: number; readonly firstByte: number; readonly total: number }
  readonly mostReplyBytes: number
  /** Tokens of an answer at most. */
  readonly mostTokens: number
}

/** The program of llama.cpp. */
export interface LlamaModelSettings {
  readonly kind: 'llama'
  /** Absolute paths. */
  readonly program: string
  readonly file: string
  readonly threads: number
  /** Of answers that are no proposals. */
  readonly temperature: number
  /** Tokens of an answer at most. */
  readonly mostTokens: number
  /** Milliseconds of a run. */
  readonly timeout: number
  readonly mostReplyBytes: number
}

/** When a model that fails is left alone. */
export interface BreakerSettings {
  /** One after another. */
  readonly failures: number
  readonly pauseMilliseconds: number
}

/** The model, by the settings: a scripted one goes before a real one, a server before a program, and without either there is none. */
export function modelOf({ llm, debug }: AgentSettings): Model {
  if (debug.simulate_llm) return { kind: 'scripted' }
  const answer = { mostTokens: llm.default_n_predict, mostReplyBytes: llm.max_reply_bytes }
  if (llm.base_url !== null) {
    return {
      kind: 'server',
      baseUrl: llm.base_url,
      model: llm.model,
      allowedHosts: llm.allowed_hosts,
      apiKey: apiKeyOf(llm),
      stream: llm.stream,
      deadlines: {
        connect: llm.connect_timeout_seconds * SECOND,
        firstByte: llm.first_byte_timeout_seconds * SECOND,
        total: llm.total_timeout_seconds * SECOND,
      },
      ...answer,
    }
  }
  if (llm.model_path === null) return { kind: 'none' }
  return {
    kind: 'llama',
    program: llm.llama_cli_path,
    file: llm.model_path,
    threads: llm.threads,
    temperature: llm.default_temp,
    timeout: llm.total_timeout_seconds * SECOND,
    ...answer,
  }
}

/** The breaker of the model, by the settings. */
export function breakerOf({ llm }: AgentSettings): BreakerSettings {
  return { failures: llm.breaker_failures, pauseMilliseconds: llm.breaker_pause_seconds * SECOND }
}

function apiKeyOf({ api_key_file: file, api_key_env: variable }: AgentSettings['llm']): ServerModelSettings['apiKey'] {
  if (file !== null) return { file }
  return variable === null ? undefined : { variable }
}
