import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { dial } from './dial.js'
import type { PermittedRequest, ProxyPass } from './proxy-pass.js'
import { refuseRequest } from './refusal.js'

/** For one hop only (RFC 9110 section 7.6.1), or rebuilt here. */
const NOT_PASSED_ON: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'host',
  'via',
  'http2-settings',
])
const HTTP = 80

/** Sends a request on to a checked address, and the answer back. */
export function forwardRequest(
  pass: ProxyPass,
  permitted: PermittedRequest,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { destination, row } = permitted
  const fail = (because: string): void => {
    if (response.headersSent) response.destroy()
    else refuseRequest(response, { status: 502, because })
  }
  // Whoever breaks the rules of HTTP is told as such, and not taken at their word.
  const brokeOff = (): void => fail('it did not answer in HTTP')
  const send = async (): Promise<void> => {
    const socket = await dial(permitted, pass)
    if (socket === undefined) return fail('it does not answer')
    response.once('close', () => socket.destroy())
    if (response.destroyed) return void socket.destroy()
    const { host, port } = destination
    const outgoing = httpRequest({
      method: request.method ?? 'GET',
      path,
      createConnection: () => socket,
      setHost: false,
      headers: [
        ...['Host', port === HTTP ? host : `${host}:${port}`],
        ...passedOn(request.rawHeaders),
        ...(request.headers['transfer-encoding'] === undefined ? [] : ['Transfer-Encoding', 'chunked']),
        ...['Via', '1.1 janus', 'Connection', 'close'],
      ],
    })
    outgoing.on('error', brokeOff)
    outgoing.once('close', () => response.headersSent || brokeOff())
    outgoing.once('response', (answer) => {
      try {
        response.writeHead(answer.statusCode ?? 502, [...passedOn(answer.rawHeaders), 'Via', '1.1 janus'])
      } catch {
        return brokeOff()
      }
      answer.on('data', (chunk: Buffer) => pass.count(row, { received: chunk.length }))
      answer.on('error', () => response.destroy())
      answer.pipe(response)
    })
    request.on('data', (chunk: Buffer) => pass.count(row, { sent: chunk.length }))
    request.pipe(outgoing)
  }
  send().catch(() => fail('it could not be sent on'))
}

/** Headers as name and value in turn, without what is for this hop only. */
function passedOn(raw: readonly string[]): readonly string[] {
  const pairs = raw.flatMap((name, index) => (index % 2 === 0 ? [{ name, value: raw[index + 1] ?? '' }] : []))
  const named = new Set(
    pairs
      .filter(({ name }) => name.toLowerCase() === 'connection')
      .flatMap(({ value }) => value.toLowerCase().split(','))
      .map((option) => option.trim()),
  )
  // A length that somebody names in Connection would be taken from the body it belongs to.
  named.delete('content-length')
  return pairs
    .filter(({ name }) => {
      const lower = name.toLowerCase()
      return !NOT_PASSED_ON.has(lower) && !lower.startsWith('proxy-') && !named.has(lower)
    })
    .flatMap(({ name, value }) => [name, value])
}
