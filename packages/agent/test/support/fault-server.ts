import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { behave, type FaultServerBehaviour } from './fault-behaviours.js'

/** What was asked of a {@link FaultServer}. */
export interface AskedQuestion {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: {
    readonly model: string
    readonly stream: boolean
    readonly max_tokens: number
    readonly messages: readonly { readonly role: string; readonly content: string }[]
  }
}

/** A server that speaks the OpenAI chat API from a script. */
export interface FaultServer {
  /** `http://127.0.0.1:<port>/v1` */
  readonly baseUrl: string
  readonly asked: readonly AskedQuestion[]
  /** Connections that were ever made. */
  connections(): number
  /** Bytes that it wrote, to all. */
  written(): number
  /** Puts behaviours at the end of the script: each is for one question; behind the last one it answers with no proposals. */
  script(...behaviours: readonly FaultServerBehaviour[]): void
  close(): Promise<void>
}

const MOST_REQUEST_BYTES = 4 * 1024 * 1024

/** Starts one on the loopback interface, at a port that is free or the one that is named. */
export async function startFaultServer(port = 0): Promise<FaultServer> {
  const waiting: FaultServerBehaviour[] = []
  const asked: AskedQuestion[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  let written = 0
  const server: Server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy())
  })
  server.on('connection', (socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => {
      written += socket.bytesWritten
      sockets.delete(socket)
    })
  })

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const behaviour = waiting.shift() ?? { kind: 'proposals', proposals: [] }
    if (behaviour.kind === 'disconnect' && behaviour.when === 'at once') {
      request.socket.destroy()
      return
    }
    const body = await readBody(request)
    asked.push({ path: request.url ?? '', headers: request.headers, body: JSON.parse(body) })
    await behave(behaviour, { response, stream: JSON.parse(body).stream === true })
  }

  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    connections: () => connections,
    written: () => [...sockets].reduce((sum, { bytesWritten }) => sum + bytesWritten, written),
    script: (...behaviours) => {
      waiting.push(...behaviours)
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request) {
    bytes += (part as Buffer).byteLength
    if (bytes > MOST_REQUEST_BYTES) throw new Error('the request is too large')
    parts.push(part as Buffer)
  }
  return Buffer.concat(parts).toString('utf8')
}
