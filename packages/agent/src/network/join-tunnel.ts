import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { PermittedRequest, ProxyPass } from './proxy-pass.js'

/** Passes bytes between a client and where it wanted a tunnel to, until both ends are done or one of them fails. */
export function joinTunnel(
  pass: ProxyPass,
  { row }: PermittedRequest,
  client: Duplex,
  head: Buffer,
  upstream: Socket,
): void {
  client.on('error', () => upstream.destroy())
  client.once('close', () => upstream.destroy())
  upstream.once('close', () => client.destroy())
  client.write('HTTP/1.1 200 Connection established\r\n\r\n')
  if (head.length > 0) {
    pass.count(row, { sent: head.length })
    upstream.write(head)
  }
  client.on('data', (chunk: Buffer) => pass.count(row, { sent: chunk.length }))
  upstream.on('data', (chunk: Buffer) => pass.count(row, { received: chunk.length }))
  client.pipe(upstream)
  upstream.pipe(client)
}
