import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { agentError } from '../errors/agent-error.js'
import { requestProblem } from './request-problem.js'
import type { StatusToken } from './status-token.js'

/** A path that is answered. */
export interface StatusRoute {
  readonly contentType: string
  /** Needs no token. Default: it does. */
  readonly open?: true
  /** What is answered; a status other than 200 where it says so. */
  answer(): Promise<{ readonly body: string; readonly status?: number }>
}

/** What is served. */
export interface ServeStatusOptions {
  /** 0: any that is free. */
  readonly port: number
  readonly token: Pick<StatusToken, 'fits'>
  /** By path, exactly. */
  readonly routes: Readonly<Record<string, StatusRoute>>
  /** Milliseconds for the headers of a request, and for everything up to the end of its answer. Default: 5000 and 10000. */
  readonly timeouts?: { readonly headers: number; readonly answer: number }
  /** Connections at a time. Default: 32. */
  readonly connections?: number
  /** Told of what could not be answered, for the log. */
  onProblem?(problem: unknown): void
}

/** A port that is served. */
export interface StatusServer {
  readonly port: number
  /** Takes no more connections and ends those there are. Safe to call twice. */
  close(): Promise<void>
}

/** Never another: whoever asks is on this host. */
const ADDRESS = '127.0.0.1'
const CONNECTIONS = 32
const TIMEOUTS = { headers: 5000, answer: 10_000 }
const MOST_HEADER_BYTES = 8192
const MOST_HEADERS = 40
const CHECK_MILLISECONDS = 500
/** What a browser must not make of an answer; no header of CORS: no page may read it. */
const HEADERS = {
  'Cache-Control': 'no-store',
  Connection: 'close',
  'Content-Security-Policy': "default-src 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
} as const

/**
 * Serves read-only answers over HTTP on the loopback interface: GET only, one request for each connection, everything bounded.
 * @throws JANUS_AGENT_STATUS_UNSERVED when the port cannot be had
 */
export async function serveStatus(options: ServeStatusOptions): Promise<StatusServer> {
  const { connections = CONNECTIONS, timeouts = TIMEOUTS } = options
  const server = createServer({
    maxHeaderSize: MOST_HEADER_BYTES,
    headersTimeout: timeouts.headers,
    requestTimeout: timeouts.answer,
    connectionsCheckingInterval: Math.min(CHECK_MILLISECONDS, timeouts.headers),
    requireHostHeader: true,
  })
  server.maxConnections = connections
  server.maxHeadersCount = MOST_HEADERS
  server.timeout = timeouts.answer
  server.on('request', (request, response) => void handle(request, response, options, portOf(server)))
  server.on('clientError', (error, socket) => refuseUnread(error, socket as Socket))
  await listen(server, options.port)
  let closing: Promise<void> | undefined
  return {
    port: portOf(server),
    close: () => {
      closing ??= close(server)
      return closing
    },
  }
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  { token, routes, timeouts = TIMEOUTS, onProblem }: ServeStatusOptions,
  port: number,
): Promise<void> {
  const path = request.url ?? ''
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined
  const mayAsk = route?.open === true || token.fits(request.headers.authorization)
  const problem = requestProblem(request, { port, mayAsk, known: route !== undefined })
  if (problem !== undefined || route === undefined) {
    const { status, text, headers } = problem ?? { status: 404, text: 'not found', headers: {} }
    send(response, status, 'text/plain; charset=utf-8', `${text}\n`, headers)
    return
  }
  try {
    const { body, status = 200 } = await within(route.answer(), timeouts.answer)
    send(response, status, route.contentType, body)
  } catch (error) {
    onProblem?.(error)
    send(response, 503, 'text/plain; charset=utf-8', 'the agent does not answer\n')
  }
}

function send(
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.destroyed || response.headersSent) return
  response.writeHead(status, {
    ...HEADERS,
    ...headers,
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(body),
  })
  response.end(body)
}

/** What could not be parsed, was too large or too slow: said in one line, then the connection ends. */
function refuseUnread(error: NodeJS.ErrnoException, socket: Socket): void {
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request'
  if (socket.writable) socket.write(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
  socket.destroySoon()
}

async function within<Answer>(answer: Promise<Answer>, milliseconds: number): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds} ms`)), milliseconds)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        agentError('JANUS_AGENT_STATUS_UNSERVED', `${ADDRESS}:${port} cannot be served: ${cause.message}`, {
          data: { port },
          cause,
        }),
      ),
    )
    server.listen({ host: ADDRESS, port, exclusive: true }, resolve)
  })
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo | null)?.port ?? 0
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  server.closeAllConnections()
  await closed
}
