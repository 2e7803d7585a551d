import type { JanusError } from '@janus/core'
import { agentError } from '../errors/agent-error.js'

/** How asking a model failed. */
export type ModelFailure =
  | 'address'
  | 'api-key'
  | 'breaker'
  | 'cancelled'
  | 'connect'
  | 'connect-timeout'
  | 'disconnected'
  | 'encoding'
  | 'first-byte-timeout'
  | 'program'
  | 'redirect'
  | 'status'
  | 'total-timeout'

/** What is known of a failure besides how it came. */
export interface ModelFailureDetails {
  /** Milliseconds for which the server asked to be left alone. */
  readonly retryAfter?: number | undefined
  readonly cause?: unknown
}

/** The error for a model that gave no answer. @param problem in words, with nothing secret in it */
export function modelUnavailable(kind: ModelFailure, problem: string, details: ModelFailureDetails = {}): JanusError {
  const { retryAfter, cause } = details
  return agentError('JANUS_AGENT_MODEL_UNAVAILABLE', problem, {
    data: { kind, ...(retryAfter === undefined ? {} : { retryAfter }) },
    ...(cause === undefined ? {} : { cause }),
  })
}

/** The error for an answer that is none. */
export function replyInvalid(problem: string, cause?: unknown): JanusError {
  return agentError('JANUS_AGENT_MODEL_REPLY_INVALID', problem, cause === undefined ? {} : { cause })
}

/** How an error of a model came, and for how long it wants to be left alone; undefined for another error. */
export function modelFailureOf(error: unknown): { readonly kind: string; readonly retryAfter?: number } | undefined {
  const { code, data } = (error ?? {}) as {
    readonly code?: unknown
    readonly data?: { readonly kind?: unknown; readonly retryAfter?: unknown }
  }
  if (code === 'JANUS_AGENT_MODEL_REPLY_INVALID') return { kind: 'reply' }
  if (code !== 'JANUS_AGENT_MODEL_UNAVAILABLE') return undefined
  const retryAfter = data?.retryAfter
  return { kind: String(data?.kind), ...(typeof retryAfter === 'number' ? { retryAfter } : {}) }
}
