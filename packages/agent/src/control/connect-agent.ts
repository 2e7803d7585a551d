import { lstat } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { errnoOf, requireTrustedPath } from '@janus/core/state'
import type { Agent, AgentMethod, ProposalRow, Watching, WatchRequest } from '../contract/agent.js'
import { AGENT_REQUESTS } from '../contract/agent-requests.js'
import { agentError } from '../errors/agent-error.js'
import { answerChallenge } from '../identity/answer-challenge.js'
import { parseJson } from '../json/parse-json.js'
import {
  CONTROL_PROTOCOL,
  fromWireError,
  IDENTITY_DIRECTORY,
  MOST_ANSWER_BYTES,
  SERVER_MESSAGE,
  type ServerMessage,
  SOCKET_NAME,
} from './control-protocol.js'
import { readLines } from './read-lines.js'

/** How an agent is reached. */
export interface ConnectAgentOptions {
  /** Where its socket lies, absolute. */
  readonly runDirectory: string
  /** Milliseconds until the agent must have greeted us. Default: 5000. */
  readonly connectTimeout?: number
  /** Milliseconds for one answer. Default: 60000. */
  readonly answerTimeout?: number
}

const CONNECT_TIMEOUT = 5000
const ANSWER_TIMEOUT = 60_000
/** What is answered when it has ended: longer than this no run may take, nor a model by default. */
const LONG_TIMEOUT = 1_200_000
const LONG: ReadonlySet<AgentMethod> = new Set(['rollback', 'think'])

/**
 * Connects to the agent that has the record open.
 * @returns undefined when nobody listens there
 * @throws JANUS_AGENT_UNREACHABLE when somebody listens and does not answer; JANUS_AGENT_IDENTITY_REFUSED; JANUS_AGENT_BUSY; JANUS_STATE_UNSAFE when
 * another user than the owner of the record could have put the socket there; JANUS_STATE_DENIED
 */
export async function connectAgent(options: ConnectAgentOptions): Promise<Agent | undefined> {
  const { runDirectory, connectTimeout = CONNECT_TIMEOUT, answerTimeout = ANSWER_TIMEOUT } = options
  const owner = await ownerOf(runDirectory)
  if (owner === undefined) return undefined
  // An agent of somebody else's could pass on to the real one what we show it of us.
  await requireTrustedPath(runDirectory, owner)
  const session = await openSession(options, connectTimeout)
  if (session === undefined) return undefined
  const { ask } = createAsking(session, answerTimeout)
  const methods = Object.fromEntries(
    (Object.keys(AGENT_REQUESTS) as AgentMethod[]).map((method) => [
      method,
      (request: unknown = {}) =>
        ask(method, request, LONG.has(method) ? Math.max(answerTimeout, LONG_TIMEOUT) : answerTimeout),
    ]),
  ) as unknown as Pick<Agent, AgentMethod>
  return {
    via: 'socket',
    ...methods,
    watch: (request, onChange) => watch(options, request, onChange),
    close: async () => {
      session.socket.destroy()
    },
  }
}

interface Session {
  readonly socket: Socket
  readonly messages: AsyncGenerator<ServerMessage, void, undefined>
}

async function openSession({ runDirectory }: ConnectAgentOptions, timeout: number): Promise<Session | undefined> {
  const socket = await reach(join(runDirectory, SOCKET_NAME))
  if (socket === undefined) return undefined
  const messages = readMessages(socket)
  const timer = setTimeout(() => socket.destroy(), timeout)
  try {
    await identify({ socket, messages }, join(runDirectory, IDENTITY_DIRECTORY))
    return { socket, messages }
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    clearTimeout(timer)
  }
}

function reach(path: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.off('error', failed)
      // From here on an error ends the messages.
      socket.on('error', () => undefined)
      resolve(socket)
    })
    const failed = (error: Error): void => {
      const errno = errnoOf(error)
      if (errno === 'ENOENT' || errno === 'ECONNREFUSED') resolve(undefined)
      else if (errno === 'EACCES') {
        reject(agentError('JANUS_AGENT_IDENTITY_REFUSED', `this user may not connect to ${path}`, { cause: error }))
      } else reject(agentError('JANUS_AGENT_UNREACHABLE', `${path} could not be reached`, { cause: error }))
    }
    socket.once('error', failed)
  })
}

async function* readMessages(socket: Socket): AsyncGenerator<ServerMessage, void, undefined> {
  for await (const line of readLines(socket, MOST_ANSWER_BYTES)) {
    const parsed = SERVER_MESSAGE.safeParse(parseJson(line, { depth: 256 }))
    if (!parsed.success) throw unreachable('it speaks another language')
    if ('refused' in parsed.data) throw fromWireError(parsed.data.refused)
    yield parsed.data
  }
}

async function identify({ socket, messages }: Session, directory: string): Promise<void> {
  const hello = await next(messages)
  if (!('hello' in hello) || hello.hello !== CONTROL_PROTOCOL) throw unreachable('it speaks another language')
  const answer = await answerChallenge(directory, hello.file)
  try {
    socket.write(`${JSON.stringify({ created: true })}\n`)
    const wanted = await next(messages)
    if (!('time' in wanted)) throw unreachable('it speaks another language')
    await answer.setTime(wanted.time)
    socket.write(`${JSON.stringify({ timed: true })}\n`)
    if (!('ready' in (await next(messages)))) throw unreachable('it speaks another language')
  } finally {
    await answer.end()
  }
}

async function next(messages: Session['messages']): Promise<ServerMessage> {
  try {
    const { value, done } = await messages.next()
    if (done !== true) return value
  } catch (error) {
    if (errnoOf(error) === undefined && !isPremature(error)) throw error
  }
  throw unreachable('it ended the connection, or did not answer in time')
}

interface Waiting {
  resolve(answer: unknown): void
  reject(error: unknown): void
}

/** Matches answers to requests, in whatever order they come. */
function createAsking(
  { socket, messages }: Session,
  answerTimeout: number,
  onEvent: (event: unknown) => void = () => undefined,
): { ask(method: string, params: unknown, timeout?: number): Promise<unknown>; readonly ended: Promise<void> } {
  const waiting = new Map<string, Waiting>()
  let count = 0
  let gone: Error | undefined

  const take = (message: ServerMessage): void => {
    if (!('id' in message)) return
    if ('event' in message) {
      onEvent(message.event)
      return
    }
    const asked = waiting.get(message.id)
    waiting.delete(message.id)
    if ('error' in message) asked?.reject(fromWireError(message.error))
    else asked?.resolve(message.answer)
  }

  const run = async (): Promise<void> => {
    let problem: unknown
    try {
      for await (const message of messages) take(message)
    } catch (error) {
      problem = error
    }
    gone = unreachable('it ended the connection: whether the request was done is to be looked up', problem)
    for (const { reject } of waiting.values()) reject(gone)
    waiting.clear()
    socket.destroy()
  }

  return {
    ended: run(),
    ask: (method, params, timeout = answerTimeout) =>
      new Promise((resolve, reject) => {
        if (gone !== undefined) throw gone
        count += 1
        const id = `r${count}`
        const timer = setTimeout(() => {
          waiting.delete(id)
          reject(
            unreachable(
              `it did not answer ${method} within ${timeout / 1000} s: whether it was done is to be looked up`,
            ),
          )
        }, timeout)
        waiting.set(id, {
          resolve: (answer) => {
            clearTimeout(timer)
            resolve(answer)
          },
          reject: (error) => {
            clearTimeout(timer)
            reject(error)
          },
        })
        socket.write(`${JSON.stringify({ id, method, params })}\n`)
      }),
  }
}

/** A watch has a connection of its own: its end is that of the watch. */
async function watch(
  options: ConnectAgentOptions,
  request: WatchRequest,
  onChange: (row: ProposalRow) => void,
): Promise<Watching> {
  const { connectTimeout = CONNECT_TIMEOUT, answerTimeout = ANSWER_TIMEOUT } = options
  const session = await openSession(options, connectTimeout)
  if (session === undefined) throw unreachable('it is not there any more')
  const { ask, ended } = createAsking(session, answerTimeout, (event) => onChange(event as ProposalRow))
  await ask('watch', request)
  return { ended, close: () => session.socket.destroy() }
}

async function ownerOf(directory: string): Promise<number | undefined> {
  try {
    return (await lstat(directory)).uid
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    if (errnoOf(error) !== 'EACCES') throw error
    throw agentError('JANUS_AGENT_IDENTITY_REFUSED', `this user may not look into ${directory}`, { cause: error })
  }
}

function isPremature(error: unknown): boolean {
  return (error as { readonly code?: unknown }).code === 'ERR_STREAM_PREMATURE_CLOSE'
}

function unreachable(problem: string, cause?: unknown): Error {
  return agentError('JANUS_AGENT_UNREACHABLE', `the agent holds the record, and ${problem}`, { cause })
}
