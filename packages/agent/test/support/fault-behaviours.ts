import type { ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'

/** How a question is answered. */
export type FaultServerBehaviour =
  /** As a model that keeps to the rules. */
  | { readonly kind: 'proposals'; readonly proposals: readonly unknown[] }
  /** A good envelope, and this in it. */
  | { readonly kind: 'text'; readonly text: string }
  /** These bytes as the whole body. */
  | {
      readonly kind: 'body'
      readonly body: string | Uint8Array
      readonly type?: string
      readonly headers?: Readonly<Record<string, string>>
    }
  | {
      readonly kind: 'status'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string
    }
  /** A body that is as long as the client takes it. */
  | { readonly kind: 'flood'; readonly piece: string; readonly type: string; readonly mostBytes: number }
  /** A piece, a pause, a piece, for ever. */
  | { readonly kind: 'drip'; readonly piece: string; readonly type: string; readonly milliseconds: number }
  | { readonly kind: 'hang' }
  | { readonly kind: 'disconnect'; readonly when: 'at once' | 'before the head' | 'after the head' | 'in the body' }
  /** A body that announces another length than it has. */
  | { readonly kind: 'length'; readonly announced: number; readonly body: string }
  | { readonly kind: 'gzip bomb' }
  | { readonly kind: 'huge headers' }
  | { readonly kind: 'tool calls' }
  /** These bytes in place of an HTTP answer. */
  | { readonly kind: 'raw'; readonly bytes: string }

interface Answering {
  readonly response: ServerResponse
  readonly stream: boolean
}

const JSON_TYPE = 'application/json'
const EVENTS = 'text/event-stream'

/** Answers one question in the way that is asked for. */
export async function behave(behaviour: FaultServerBehaviour, { response, stream }: Answering): Promise<void> {
  switch (behaviour.kind) {
    case 'proposals':
      return sayText(response, JSON.stringify({ proposals: behaviour.proposals }), stream)
    case 'text':
      return sayText(response, behaviour.text, stream)
    case 'body':
      response.writeHead(200, { 'content-type': behaviour.type ?? JSON_TYPE, ...behaviour.headers })
      response.end(behaviour.body)
      return
    case 'status':
      response.writeHead(behaviour.status, { 'content-type': JSON_TYPE, ...behaviour.headers })
      response.end(behaviour.body ?? '{"error":{"message":"no"}}')
      return
    case 'flood':
      return flood(response, behaviour)
    case 'drip':
      response.writeHead(200, { 'content-type': behaviour.type })
      while (!response.destroyed) {
        response.write(behaviour.piece)
        await delay(behaviour.milliseconds)
      }
      return
    case 'hang':
      return
    case 'disconnect':
      return disconnect(response, behaviour.when)
    case 'length':
      response.writeHead(200, { 'content-type': JSON_TYPE, 'content-length': behaviour.announced })
      response.flushHeaders()
      response.socket?.write(behaviour.body)
      response.socket?.end()
      return
    case 'gzip bomb':
      response.writeHead(200, { 'content-type': JSON_TYPE, 'content-encoding': 'gzip' })
      response.end(gzipSync(Buffer.alloc(10_000_000, ' ')))
      return
    case 'huge headers':
      response.writeHead(200, { 'content-type': JSON_TYPE, 'x-fill': 'x'.repeat(200_000) })
      response.end('{}')
      return
    case 'tool calls': {
      const call = { id: 'call_1', type: 'function', function: { name: 'shell', arguments: '{"command":"id"}' } }
      return say(response, { message: { role: 'assistant', content: null, tool_calls: [call] } })
    }
    case 'raw':
      response.socket?.end(behaviour.bytes)
  }
}

function sayText(response: ServerResponse, text: string, stream: boolean): void {
  if (!stream) {
    say(response, { message: { role: 'assistant', content: text } })
    return
  }
  response.writeHead(200, { 'content-type': EVENTS })
  for (let at = 0; at < text.length; at += 1000) {
    const delta = { content: text.slice(at, at + 1000) }
    response.write(`data: ${JSON.stringify({ object: 'chat.completion.chunk', choices: [{ index: 0, delta }] })}\n\n`)
  }
  response.write(`data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 11, completion_tokens: 7 } })}\n\n`)
  response.end('data: [DONE]\n\n')
}

function say(response: ServerResponse, choice: object): void {
  response.writeHead(200, { 'content-type': JSON_TYPE })
  response.end(
    JSON.stringify({ choices: [{ index: 0, ...choice }], usage: { prompt_tokens: 11, completion_tokens: 7 } }),
  )
}

async function flood(
  response: ServerResponse,
  { piece, type, mostBytes }: Extract<FaultServerBehaviour, { kind: 'flood' }>,
): Promise<void> {
  response.writeHead(200, { 'content-type': type })
  const closed = new Promise<void>((resolve) => response.once('close', resolve))
  const block = piece.repeat(Math.max(1, Math.floor(65_536 / piece.length)))
  for (let written = 0; written < mostBytes && !response.destroyed; written += block.length) {
    if (!response.write(block)) await Promise.race([drained(response), closed])
  }
  response.end()
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => response.once('drain', resolve))
}

async function disconnect(
  response: ServerResponse,
  when: Extract<FaultServerBehaviour, { kind: 'disconnect' }>['when'],
): Promise<void> {
  if (when === 'after the head' || when === 'in the body') {
    response.writeHead(200, { 'content-type': EVENTS })
    response.flushHeaders()
  }
  if (when === 'in the body') {
    const delta = { content: '{"proposals":[' }
    await new Promise((resolve) => response.write(`data: ${JSON.stringify({ choices: [{ delta }] })}\n\n`, resolve))
  }
  response.socket?.destroy()
}
