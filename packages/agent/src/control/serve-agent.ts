import { randomBytes } from 'node:crypto'
import { chmod, rename, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { prepareStateDirectory } from '@janus/core/state'
import type { Agent, Caller } from '../contract/agent.js'
import { agentError } from '../errors/agent-error.js'
import { prepareUserChallenges, type UserChallenges } from '../identity/user-challenge.js'
import { userName } from '../identity/user-name.js'
import { IDENTITY_DIRECTORY, SOCKET_NAME, toWireError } from './control-protocol.js'
import { createConnection } from './serve-connection.js'

/** How an agent is served. */
export interface ServeAgentOptions {
  /** Absolute path; created when absent (0750). The socket and the directory in which clients show who they are lie in it. */
  readonly runDirectory: string
  /** Permission bits of the socket: 0600, or 0660 for a group. */
  readonly socketMode?: number
  /** The agent as this caller may use it. */
  agentFor(caller: Caller): Agent
  /** Connections at a time. Default: 64. */
  readonly connections?: number
  /** Milliseconds in which a client must show who it is. Default: 5000. */
  readonly identityTimeout?: number
  /** Told of what went wrong with a connection, for the log. */
  onProblem?(problem: unknown): void
}

/** A socket that is served. */
export interface ControlServer {
  readonly path: string
  /** Takes no more connections and ends those there are. Safe to call twice. */
  close(): Promise<void>
}

const SOCKET_MODE = 0o600
const RUN_MODE = 0o750
const CONNECTIONS = 64
const IDENTITY_TIMEOUT = 5000
const LAST_WORDS_TIMEOUT = 1000
/** unix(7): sun_path has 108 bytes with its NUL; a longer path would be cut silently. */
const MOST_PATH_BYTES = 107

/**
 * Serves an agent on a Unix socket, to whoever shows which local user they are.
 * @throws JANUS_AGENT_CONFIG_INVALID when the path is too long for a socket; JANUS_STATE_UNSAFE; JANUS_STATE_DENIED; the errno error of bind
 */
export async function serveAgent(options: ServeAgentOptions): Promise<ControlServer> {
  const { runDirectory, socketMode = SOCKET_MODE } = options
  const path = join(runDirectory, SOCKET_NAME)
  // It is bound under another name and renamed when it has its mode: nobody connects before, and what an earlier process left is replaced at once.
  const unnamed = join(runDirectory, `.${randomBytes(4).toString('hex')}`)
  if (Buffer.byteLength(path) > MOST_PATH_BYTES) {
    throw agentError(
      'JANUS_AGENT_CONFIG_INVALID',
      `the path of the socket is longer than ${MOST_PATH_BYTES} bytes: ${path}`,
      {
        remedy: 'Choose a state directory with a shorter path.',
        data: { path },
      },
    )
  }
  await prepareStateDirectory(runDirectory, { uid: process.geteuid?.() ?? 0, mode: RUN_MODE })
  const challenges = await prepareUserChallenges(join(runDirectory, IDENTITY_DIRECTORY))
  const sockets = new Set<Socket>()
  const server = createServer((socket) => accept(socket, sockets, challenges, options))
  await listen(server, unnamed)
  await chmod(unnamed, socketMode)
  await rename(unnamed, path)
  let closing: Promise<void> | undefined
  return {
    path,
    close: () => {
      closing ??= close(server, sockets, path)
      return closing
    },
  }
}

function accept(socket: Socket, sockets: Set<Socket>, challenges: UserChallenges, options: ServeAgentOptions): void {
  const { connections = CONNECTIONS, identityTimeout = IDENTITY_TIMEOUT, agentFor } = options
  // The other end may go at any time; what that means is decided where it is read and written.
  socket.on('error', () => undefined)
  if (sockets.size >= connections) {
    const refused = agentError('JANUS_AGENT_BUSY', `${connections} others are connected to the agent`)
    socket.end(`${JSON.stringify({ refused: toWireError(refused) })}\n`)
    return
  }
  sockets.add(socket)
  socket.once('close', () => sockets.delete(socket))
  const connection = createConnection({
    socket,
    challenge: challenges.create(),
    identityTimeout,
    agentFor: async (uid) => agentFor(await callerOf(uid)),
  })
  connection.catch((problem: unknown) => options.onProblem?.(problem)).finally(() => endSoon(socket))
}

/** Lets the last words out first, but does not wait for ever. */
function endSoon(socket: Socket): void {
  socket.end(() => socket.destroy())
  setTimeout(() => socket.destroy(), LAST_WORDS_TIMEOUT).unref()
}

async function callerOf(uid: number): Promise<Caller> {
  return {
    actor: { kind: 'user', uid, name: await userName(uid) },
    owner: uid === 0 || uid === process.geteuid?.(),
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

async function close(server: Server, sockets: ReadonlySet<Socket>, path: string): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  for (const socket of sockets) socket.destroy()
  await closed
  await rm(path, { force: true })
}
