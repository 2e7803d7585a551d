/** One message to a model. */
export interface ChatMessage {
  readonly role: 'system' | 'user'
  readonly content: string
}

/** What a model is asked. */
export interface ModelQuestion {
  readonly messages: readonly ChatMessage[]
  /** 0 to 2. */
  readonly temperature: number
  /** Tokens of the answer at most. */
  readonly mostTokens: number
  readonly signal: AbortSignal
}

/** What a model cost. */
export interface ModelUsage {
  readonly promptTokens: number | null
  readonly completionTokens: number | null
  /** Bytes of the answer as it came, envelope included. */
  readonly bytes: number
  readonly milliseconds: number
}

/** What a model said. Untrusted to the last character. */
export interface ModelAnswer {
  readonly text: string
  readonly usage: ModelUsage
}

/** Something that answers questions. */
export interface ChatModel {
  readonly kind: 'server' | 'llama' | 'scripted'
  /** For people: `qwen3 at http://127.0.0.1:8080/v1`. Holds no secret. */
  readonly name: string
  /**
   * Asks once. Nothing is repeated that may have been understood.
   * @throws JANUS_AGENT_MODEL_UNAVAILABLE with `kind` in its data: how it failed; JANUS_AGENT_MODEL_REPLY_INVALID for an answer that is none
   */
  ask(question: ModelQuestion): Promise<ModelAnswer>
}
