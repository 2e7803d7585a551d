import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { NetworkRequest } from '../contract/run.js'
import { dial } from './dial.js'
import { forwardRequest } from './forward-request.js'
import { joinTunnel } from './join-tunnel.js'
import { type Destination, parseAbsoluteTarget, parseAuthority } from './parse-authority.js'
import type { PermittedRequest, ProxyLimits, ProxyPass, RefusedRequest } from './proxy-pass.js'
import { refuseRequest, refuseTunnel } from './refusal.js'
import type { RequestBudget } from './request-budget.js'
import { createRequestLog } from './request-log.js'
import type { NetworkPolicy } from './resolve-destination.js'

/** What a proxy is made of. */
export interface RunProxyOptions {
  readonly policy: NetworkPolicy
  readonly budget: RequestBudget
  readonly limits?: Partial<ProxyLimits>
}

/** The proxy of one run. */
export interface RunProxy {
  /** To be given something to listen on. */
  readonly server: Server
  requests(): readonly NetworkRequest[]
  /** Ends every connection. Safe to call twice. */
  close(): void
}

const MEBIBYTE = 1024 * 1024
const MOST_HEADER_BYTES = 16 * 1024

/**
 * Makes the proxy of one run: it forwards HTTP and opens tunnels (CONNECT) to what the policy permits, dials only addresses that were checked,
 * and keeps a row of every request. What passes a tunnel is not looked into.
 */
export function createRunProxy({ policy, budget, limits: given = {} }: RunProxyOptions): RunProxy {
  const limits = { bytes: 256 * MEBIBYTE, connections: 32, idle: 60_000, connect: 10_000, ...given }
  const log = createRequestLog()
  const sockets = new Set<Socket>()
  const closing = new AbortController()
  let passed = 0

  const endAll = (): void => {
    closing.abort()
    for (const socket of sockets) socket.destroy()
  }
  const pass: ProxyPass = {
    limits,
    signal: closing.signal,
    watch(socket) {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
      socket.setTimeout(limits.idle, () => socket.destroy())
      socket.on('error', () => socket.destroy())
      if (closing.signal.aborted) socket.destroy()
    },
    count(request, bytes) {
      request.count(bytes)
      passed += (bytes.sent ?? 0) + (bytes.received ?? 0)
      if (passed <= limits.bytes || closing.signal.aborted) return
      request.tell(`it was ended: more than ${limits.bytes} bytes passed in all`)
      endAll()
    },
  }

  const refuse = (to: Destination, status: number, because: string): RefusedRequest => {
    log.add(to, false, because)
    return { status, because }
  }
  const permit = async (to: Destination): Promise<PermittedRequest | RefusedRequest> => {
    if (!policy.lists(to)) return refuse(to, 403, 'it is not on the list of this run')
    const spent = budget.take()
    if (spent !== undefined) return refuse(to, 429, spent)
    const resolution = await policy.resolve(to, closing.signal)
    if ('refused' in resolution) return refuse(to, 403, resolution.refused)
    const { addresses } = resolution
    return { destination: to, addresses, row: log.add(to, true, `it leads to ${addresses.join(', ')}`) }
  }

  const server = createServer({ maxHeaderSize: MOST_HEADER_BYTES, insecureHTTPParser: false, keepAliveTimeout: 5_000 })
  server.maxConnections = limits.connections
  server.timeout = limits.idle
  server.on('connection', pass.watch)
  server.on('request', (request, response) => {
    const target = parseAbsoluteTarget(request.url ?? '')
    if ('refused' in target) return refuseRequest(response, refuse(target, target.status, target.refused))
    const wrong = malformation(request)
    if (wrong !== undefined) return refuseRequest(response, refuse(target, 400, wrong))
    permit({ host: target.host, port: target.port })
      .then((permitted) => {
        if ('status' in permitted) refuseRequest(response, permitted)
        else forwardRequest(pass, permitted, target.path, request, response)
      })
      .catch(() => response.destroy())
  })
  server.on('connect', (request: IncomingMessage, client: Duplex, head: Buffer) => {
    const target = parseAuthority(request.url ?? '')
    if ('refused' in target) return refuseTunnel(client, refuse(target, target.status, target.refused))
    const wrong = malformation(request)
    if (wrong !== undefined) return refuseTunnel(client, refuse(target, 400, wrong))
    permit(target)
      .then(async (permitted): Promise<unknown> => {
        if ('status' in permitted) return refuseTunnel(client, permitted)
        const upstream = await dial(permitted, pass)
        if (upstream === undefined) return refuseTunnel(client, { status: 502, because: 'it does not answer' })
        if (client.destroyed) return upstream.destroy()
        joinTunnel(pass, permitted, client, head, upstream)
      })
      .catch(() => client.destroy())
  })
  server.on('clientError', (error: NodeJS.ErrnoException, client) => {
    if (error.code === 'ECONNRESET' || !client.writable) return client.destroy()
    // It was answered, and goes on all the same.
    if (error.code === 'HPE_CLOSED_CONNECTION') return client.end()
    const because = `it is no valid request (${error.code ?? 'unknown'})`
    refuseTunnel(client, refuse({ host: '', port: 0 }, 400, because))
  })
  return {
    server,
    requests: log.rows,
    close() {
      endAll()
      server.close()
    },
  }
}

/** What a parser of somebody else could read in another way. Node's own refuses two lengths, or a length beside chunks. */
function malformation({ rawHeaders, headers }: IncomingMessage): string | undefined {
  const names = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase())
  if (names.filter((name) => name === 'host').length > 1) return 'it names two hosts'
  if (names.includes('content-length') && names.includes('transfer-encoding')) return 'it has two lengths'
  const coding = headers['transfer-encoding']
  return coding === undefined || coding.toLowerCase() === 'chunked' ? undefined : 'it is encoded in an unknown way'
}
