import type { Socket } from 'node:net'
import type * as z from '@janus/core/zod'
import type { Agent, AgentMethod, ProposalRow, WatchRequest } from '../contract/agent.js'
import { AGENT_REQUESTS, WATCH_REQUEST } from '../contract/agent-requests.js'
import { agentError } from '../errors/agent-error.js'
import type { UserChallenge } from '../identity/user-challenge.js'
import { parseJson } from '../json/parse-json.js'
import {
  CLIENT_REQUEST,
  CLIENT_STEP,
  CONTROL_PROTOCOL,
  MOST_ANSWER_BYTES,
  MOST_REQUEST_BYTES,
  type ServerMessage,
  toWireError,
} from './control-protocol.js'
import { readLines } from './read-lines.js'

/** One client. */
export interface Connection {
  readonly socket: Socket
  readonly challenge: UserChallenge
  /** Milliseconds in which the client must have shown who it is. */
  readonly identityTimeout: number
  agentFor(uid: number): Promise<Agent>
}

/** Requests of one client that are worked on at a time; more wait in its socket. */
const AT_A_TIME = 16
/** Bytes that may wait for a client that does not read. */
const MOST_WAITING_BYTES = 2 * MOST_ANSWER_BYTES

/**
 * Talks with one client until it goes: asks who it is, then answers what it asks.
 * @throws what the client did wrong, once it was told
 */
export async function createConnection(connection: Connection): Promise<void> {
  const { socket } = connection
  const say = (message: ServerMessage): void => {
    if (socket.destroyed) return
    socket.write(`${JSON.stringify(message)}\n`)
    if (socket.writableLength > MOST_WAITING_BYTES) socket.destroy()
  }
  const lines = readLines(socket, MOST_REQUEST_BYTES)
  try {
    const uid = await identify(connection, lines, say)
    const agent = await connection.agentFor(uid)
    say({ ready: { uid } })
    await answerAll(agent, lines, say, socket)
  } catch (error) {
    say({ refused: toWireError(error) })
    throw error
  } finally {
    await connection.challenge.end()
  }
}

type Say = (message: ServerMessage) => void
type Lines = AsyncGenerator<string, void, undefined>

async function identify({ socket, challenge, identityTimeout }: Connection, lines: Lines, say: Say): Promise<number> {
  const timer = setTimeout(() => socket.destroy(), identityTimeout)
  try {
    say({ hello: CONTROL_PROTOCOL, file: challenge.file })
    await expectStep(lines, 'created')
    say({ time: await challenge.look() })
    await expectStep(lines, 'timed')
    return await challenge.confirm()
  } finally {
    clearTimeout(timer)
  }
}

async function expectStep(lines: Lines, step: 'created' | 'timed'): Promise<void> {
  const { value, done } = await lines.next()
  if (done === true) throw agentError('JANUS_AGENT_IDENTITY_REFUSED', 'the client went before it had shown who it is')
  const parsed = CLIENT_STEP.safeParse(read(value))
  if (!parsed.success || !(step in parsed.data)) {
    throw agentError('JANUS_AGENT_IDENTITY_REFUSED', `the client did not say that it had ${step} the file`)
  }
}

async function answerAll(agent: Agent, lines: Lines, say: Say, socket: Socket): Promise<void> {
  const underWay = new Set<Promise<void>>()
  const watches = new Set<string>()
  for await (const line of lines) {
    const request = CLIENT_REQUEST.safeParse(read(line))
    if (!request.success) throw agentError('JANUS_AGENT_REQUEST_INVALID', 'a line is no request')
    const { id, method, params } = request.data
    const work = answer(agent, { id, method, params }, say, { socket, watches }).catch((error: unknown) =>
      say({ id, error: toWireError(error) }),
    )
    underWay.add(work)
    void work.finally(() => underWay.delete(work))
    while (underWay.size >= AT_A_TIME) await Promise.race(underWay)
  }
  await Promise.all(underWay)
}

async function answer(
  agent: Agent,
  { id, method, params }: { readonly id: string; readonly method: string; readonly params: unknown },
  say: Say,
  { socket, watches }: { readonly socket: Socket; readonly watches: Set<string> },
): Promise<void> {
  if (method === 'watch') {
    // Each watch keeps what it has seen: one connection has one, which ends with it.
    if (watches.size > 0) throw agentError('JANUS_AGENT_REQUEST_INVALID', 'one connection watches once')
    watches.add(id)
    const onChange = (row: ProposalRow): void => say({ id, event: row })
    const watching = await agent.watch(valid(WATCH_REQUEST, method, params) as WatchRequest, onChange)
    socket.once('close', () => watching.close())
    if (socket.destroyed) watching.close()
    say({ id, answer: null })
    return
  }
  if (!isMethod(method))
    throw agentError('JANUS_AGENT_REQUEST_INVALID', 'the agent knows no such request', { data: { method } })
  const request = valid(AGENT_REQUESTS[method], method, params)
  // Each method takes what its schema describes; the compiler cannot follow that through the table.
  const call = agent[method] as (request: unknown) => Promise<unknown>
  const answered = await call(request)
  say({ id, answer: answered ?? null })
}

function isMethod(method: string): method is AgentMethod {
  return Object.hasOwn(AGENT_REQUESTS, method)
}

function valid(schema: z.ZodType, method: string, params: unknown): unknown {
  const parsed = schema.safeParse(params)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.map(String).join('.')}`
  throw agentError(
    'JANUS_AGENT_REQUEST_INVALID',
    `the request ${method} has another shape${where}: ${issue?.message ?? ''}`,
  )
}

function read(line: string): unknown {
  try {
    return parseJson(line)
  } catch (cause) {
    throw agentError('JANUS_AGENT_REQUEST_INVALID', 'a line is not JSON', { cause })
  }
}
