import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttpServer, type IncomingMessage } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRunNetwork, type RunNetworkOptions } from '../../src/network/open-run-network.js'
import { createRequestBudget } from '../../src/network/request-budget.js'
import type { RunNetwork } from '../../src/sandbox/create-run-sandbox.js'

/** A request that reached a server outside. */
export interface Arrived {
  readonly method: string
  readonly url: string
  readonly headers: readonly string[]
  readonly body: string
}

/** A server outside, on loopback of the host, and what reached it. */
export interface OutsideServer {
  readonly port: number
  readonly arrived: readonly Arrived[]
  close(): Promise<void>
}

export const HTTP_ANSWER = 'hello from outside\n'

/** A clock that stands still. */
export const stillClock = { monotonic: () => 1_000_000 }

export function openOutside(): Promise<OutsideServer> {
  return listening((onRequest) => createHttpServer(onRequest))
}

export function openOutsideTls(host: string): Promise<OutsideServer> {
  const folder = mkdtempSync(join(tmpdir(), 'janus-tls-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  execFileSync('openssl', [...made, '-subj', `/CN=${host}`, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  const pair = { key: readFileSync(key), cert: readFileSync(cert) }
  rmSync(folder, { recursive: true })
  return listening((onRequest) => createTlsServer(pair, onRequest))
}

/** The network of a run in a world where these names lead to loopback of the host, which is permitted to it. */
export function testNetwork(domains: readonly string[], more: Partial<RunNetworkOptions> = {}): RunNetwork {
  return openRunNetwork({
    domains,
    budget: createRequestBudget(stillClock, { perMinute: 1_000, perHour: 1_000 }),
    resolve: async () => ['127.0.0.1'],
    permitAddress: (address) => address === '127.0.0.1',
    ...more,
  })
}

async function listening(
  create: (onRequest: (request: IncomingMessage, response: Answer) => void) => Server,
): Promise<OutsideServer> {
  const arrived: Arrived[] = []
  const server = create((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text
    })
    request.on('end', () => {
      arrived.push({ method: request.method ?? '', url: request.url ?? '', headers: request.rawHeaders, body })
      response.end(HTTP_ANSWER)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    arrived,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  }
}

interface Answer {
  end(text: string): unknown
}
