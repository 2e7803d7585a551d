import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { RefusedRequest } from './proxy-pass.js'

/** Answers a request that may not go on, in words, and ends its connection. */
export function refuseRequest(response: ServerResponse, { status, because }: RefusedRequest): void {
  response.writeHead(status, { 'content-type': 'text/plain', connection: 'close' })
  response.end(`janus: refused, ${because}\n`)
}

/** The same for what wants a tunnel, or could not be understood. */
export function refuseTunnel(client: Duplex, { status, because }: RefusedRequest): void {
  const body = `janus: refused, ${because}\n`
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}`,
    'content-type: text/plain',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  client.on('error', () => client.destroy())
  client.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => client.destroy())
}
