import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { errnoOf } from '@janus/core/state'
import type { ModelEndpoint } from './model-endpoint.js'
import { modelFailureOf, modelUnavailable } from './model-failure.js'

/** What is sent, and until when something must have come of it. */
export interface PostJson {
  readonly endpoint: ModelEndpoint
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Milliseconds. */
  readonly deadlines: { readonly connect: number; readonly firstByte: number; readonly total: number }
  readonly signal: AbortSignal
}

/** An answer whose head has come. */
export interface PostAnswer {
  readonly status: number
  readonly contentType: string
  /** Milliseconds for which the server asked to be left alone. */
  readonly retryAfter: number | undefined
  /** Its bytes as they come; ends with the answer. @throws JANUS_AGENT_MODEL_UNAVAILABLE */
  readonly body: AsyncIterable<Uint8Array>
}

const MOST_HEADER_BYTES = 16 * 1024

/**
 * Sends one request over a connection of its own, follows nothing, and hands what comes to `read`; the connection is gone when this settles. A connection that is
 * refused is tried once more: nothing was sent then.
 * @throws JANUS_AGENT_MODEL_UNAVAILABLE; what `read` throws
 */
export async function postJson<Answer>(post: PostJson, read: (answer: PostAnswer) => Promise<Answer>): Promise<Answer> {
  try {
    return await postOnce(post, read)
  } catch (error) {
    const { cause } = error as { readonly cause?: unknown }
    if (modelFailureOf(error)?.kind !== 'connect' || errnoOf(cause) !== 'ECONNREFUSED') throw error
    return postOnce(post, read)
  }
}

async function postOnce<Answer>(post: PostJson, read: (answer: PostAnswer) => Promise<Answer>): Promise<Answer> {
  const { endpoint, headers, body, deadlines, signal } = post
  if (signal.aborted) throw modelUnavailable('cancelled', 'the question was cancelled')
  const send = endpoint.url.protocol === 'https:' ? httpsRequest : httpRequest
  const request = send(endpoint.url, {
    method: 'POST',
    // No connection outlives its request.
    agent: false,
    lookup: endpoint.lookup,
    maxHeaderSize: MOST_HEADER_BYTES,
    headers: {
      ...headers,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'accept-encoding': 'identity',
      connection: 'close',
    },
  })
  const watch = watchRequest(request, deadlines, signal)
  try {
    request.end(body)
    const response = await watch.response
    refuseEncoded(response)
    return await read({
      status: response.statusCode ?? 0,
      contentType: response.headers['content-type'] ?? '',
      retryAfter: retryAfterOf(response.headers['retry-after']),
      body: bytesOf(response, watch),
    })
  } finally {
    watch.end()
    request.destroy()
  }
}

interface RequestWatch {
  readonly response: Promise<IncomingMessage>
  /** A byte of the body has come. */
  begun(): void
  /** What ended the request from our side, or what the error is. */
  failureOf(error: unknown): Error
  end(): void
}

function watchRequest(request: ClientRequest, deadlines: PostJson['deadlines'], signal: AbortSignal): RequestWatch {
  let ended: Error | undefined
  let connected = false
  const give = (failure: Error): void => {
    ended ??= failure
    request.destroy(ended)
  }
  const late = (kind: 'connect-timeout' | 'first-byte-timeout' | 'total-timeout', most: number, what: string) =>
    setTimeout(() => give(modelUnavailable(kind, `the server ${what} within ${most / 1000} s`)), most)
  const connectTimer = late('connect-timeout', deadlines.connect, 'was not connected')
  const firstByteTimer = late('first-byte-timeout', deadlines.firstByte, 'did not begin its answer')
  const totalTimer = late('total-timeout', deadlines.total, 'did not end its answer')
  const cancel = (): void => give(modelUnavailable('cancelled', 'the question was cancelled'))
  signal.addEventListener('abort', cancel, { once: true })
  request.once('socket', (socket) =>
    socket.once('encrypted' in socket ? 'secureConnect' : 'connect', () => {
      connected = true
      clearTimeout(connectTimer)
    }),
  )
  const failureOf = (error: unknown): Error => {
    if (ended !== undefined) return ended
    if (modelFailureOf(error) !== undefined) return error as Error
    const why = errnoOf(error) ?? (error instanceof Error ? error.message : String(error))
    return connected
      ? modelUnavailable('disconnected', `the server broke off: ${why}`, { cause: error })
      : modelUnavailable('connect', `the server could not be reached: ${why}`, { cause: error })
  }
  return {
    failureOf,
    response: new Promise((resolve, reject) => {
      request.once('response', resolve)
      // It stays: what is destroyed later may say so once more.
      request.on('error', (error) => reject(failureOf(error)))
    }),
    begun: () => clearTimeout(firstByteTimer),
    end: () => {
      for (const timer of [connectTimer, firstByteTimer, totalTimer]) clearTimeout(timer)
      signal.removeEventListener('abort', cancel)
    },
  }
}

async function* bytesOf(response: IncomingMessage, watch: RequestWatch): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const piece of response) {
      watch.begun()
      yield piece as Uint8Array
    }
  } catch (error) {
    throw watch.failureOf(error)
  }
}

/** We asked for none: what comes encoded all the same may be of any size. */
function refuseEncoded({ headers }: IncomingMessage): void {
  const encoding = headers['content-encoding']
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return
  throw modelUnavailable('encoding', 'the server sent an encoded answer, which it was not asked for')
}

/** Seconds, or a date that this reader leaves to the pause of the breaker. */
function retryAfterOf(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) * 1000 : undefined
}
