import { isJanusError, janusError } from '@janus/core'
import * as z from '@janus/core/zod'
import { AGENT_ERROR_CODES, type AgentErrorCode, agentError } from '../errors/agent-error.js'

/** Name of what is spoken on the socket, and its version. */
export const CONTROL_PROTOCOL = 'janus.agent-control/1'

/** Bytes of one request, its newline not counted: a plan of many changes fits. */
export const MOST_REQUEST_BYTES = 16 * 1024 * 1024

/** Bytes of one answer. */
export const MOST_ANSWER_BYTES = 64 * 1024 * 1024

/** Name of the socket in the run directory. */
export const SOCKET_NAME = 'agent.sock'

/** Name of the directory in which clients show who they are. */
export const IDENTITY_DIRECTORY = 'identity'

const wireError = z.strictObject({
  code: z.string().max(64),
  message: z.string(),
  remedy: z.string(),
  data: z.record(z.string(), z.unknown()),
})

/** An error as it crosses the socket. */
export type WireError = z.infer<typeof wireError>

/** What a client says before it may ask anything. */
export const CLIENT_STEP = z.union([
  z.strictObject({ created: z.literal(true) }),
  z.strictObject({ timed: z.literal(true) }),
])

/** One request. */
export const CLIENT_REQUEST = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,64}$/),
  method: z.string().max(64),
  params: z.unknown(),
})

/** What the agent says: its greeting, the time to set, that the client is known, an answer, an event of a watch, or that it will not talk. */
export const SERVER_MESSAGE = z.union([
  z.strictObject({ hello: z.literal(CONTROL_PROTOCOL), file: z.string() }),
  z.strictObject({ time: z.int() }),
  z.strictObject({ ready: z.strictObject({ uid: z.int() }) }),
  z.strictObject({ id: z.string(), answer: z.unknown() }),
  z.strictObject({ id: z.string(), event: z.unknown() }),
  z.strictObject({ id: z.string(), error: wireError }),
  z.strictObject({ refused: wireError }),
])

/** Any message of the agent. */
export type ServerMessage = z.infer<typeof SERVER_MESSAGE>

/** An error for the other end: of one that is none of Janus it learns nothing but that there was one. */
export function toWireError(error: unknown): WireError {
  const known = isJanusError(error)
    ? error
    : janusError('JANUS_INTERNAL', 'the agent failed at this request; its log says more')
  const { code, message, remedy, data } = known
  return { code, message, remedy, data: JSON.parse(JSON.stringify(data)) as Record<string, unknown> }
}

/** The error that the other end met, as one of ours. */
export function fromWireError({ code, message, remedy, data }: WireError): Error {
  if (Object.hasOwn(AGENT_ERROR_CODES, code)) return agentError(code as AgentErrorCode, message, { remedy, data })
  // Of core's codes some may be newer than we are: the code is kept, the exit code is that of an internal error.
  return Object.assign(janusError('JANUS_INTERNAL', message, { remedy, data }), { code })
}
