import type { JsonValue } from '@janus/core'
import * as z from '@janus/core/zod'
import { parseJson } from '../json/parse-json.js'
import { replyInvalid } from './model-failure.js'

/** What was taken out of an answer of the chat API. */
export interface ChatReply {
  readonly text: string
  readonly promptTokens: number | null
  readonly completionTokens: number | null
  readonly bytes: number
}

const MOST_DEPTH = 32
/** An answer piece by piece comes in envelopes of a few hundred bytes for each word. */
const ENVELOPE = 32
/** A text in JSON may have each character as `\\u0041`. */
const ESCAPED = 6
const MOST_LINE_CHARACTERS = 256 * 1024

const tokens = z.number().int().min(0).max(1e12).nullish()
const usage = z.object({ prompt_tokens: tokens, completion_tokens: tokens }).nullish()
const called = z.array(z.unknown()).nullish()
const whole = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string().nullish(), tool_calls: called }) })).min(1),
  usage,
})
const piece = z.object({
  choices: z
    .array(z.object({ delta: z.object({ content: z.string().nullish(), tool_calls: called }).nullish() }))
    .nullish(),
  usage,
  error: z.unknown().optional(),
})

/**
 * Reads an answer that comes at once.
 * @param mostBytes of the answer
 * @throws JANUS_AGENT_MODEL_REPLY_INVALID; what the body throws
 */
export async function readWholeReply(body: AsyncIterable<Uint8Array>, mostBytes: number): Promise<ChatReply> {
  const decode = decoder()
  let text = ''
  let bytes = 0
  for await (const part of body) {
    bytes += part.byteLength
    if (bytes > mostBytes * ESCAPED + 4096) throw tooLong(mostBytes)
    text += decode(part)
  }
  text += decode()
  const { choices, usage: used } = parsed(whole, json(text))
  const message = choices[0]?.message
  return reply(message?.content ?? '', hasCalls(message?.tool_calls), { used, bytes, mostBytes })
}

/**
 * Reads an answer that comes piece by piece, as server-sent events. It must end with `[DONE]`: one that is broken off is no answer.
 * @param mostBytes of the text in it
 * @throws JANUS_AGENT_MODEL_REPLY_INVALID; what the body throws
 */
export async function readStreamedReply(body: AsyncIterable<Uint8Array>, mostBytes: number): Promise<ChatReply> {
  const parts: string[] = []
  let textBytes = 0
  let called = false
  let used: z.output<typeof usage>
  const counted = { bytes: 0 }
  for await (const data of eventsOf(body, mostBytes, counted)) {
    if (data === '[DONE]') return reply(parts.join(''), called, { used, bytes: counted.bytes, mostBytes })
    const event = parsed(piece, json(data))
    if (event.error !== undefined) throw replyInvalid('the server told an error in the middle of its answer')
    const delta = event.choices?.[0]?.delta
    called ||= hasCalls(delta?.tool_calls)
    used = event.usage ?? used
    const content = delta?.content ?? ''
    textBytes += Buffer.byteLength(content)
    if (textBytes > mostBytes) throw tooLong(mostBytes)
    if (content !== '') parts.push(content)
  }
  throw replyInvalid('the answer ended before its end was told')
}

/** The data of each event. An event of several lines is one text; what is no data is left out. */
async function* eventsOf(
  body: AsyncIterable<Uint8Array>,
  mostBytes: number,
  counted: { bytes: number },
): AsyncGenerator<string, void, undefined> {
  const decode = decoder()
  let rest = ''
  let data: string[] = []
  for await (const part of body) {
    counted.bytes += part.byteLength
    if (counted.bytes > mostBytes * ENVELOPE) throw tooLong(mostBytes)
    const decoded = decode(part)
    // What comes byte by byte is not walked again for each byte.
    const lines = decoded.includes('\n') ? (rest + decoded).split('\n') : [rest + decoded]
    rest = lines.pop() ?? ''
    if (rest.length > MOST_LINE_CHARACTERS) throw replyInvalid('a line of the answer is too long')
    for (const line of lines.map((one) => one.replace(/\r$/, ''))) {
      if (line.startsWith('data:')) data.push(line.slice(5).trimStart())
      else if (line === '' && data.length > 0) {
        yield data.join('\n')
        data = []
      }
      if (data.length > 1000) throw replyInvalid('an event of the answer has too many lines')
    }
  }
  if (rest.startsWith('data:')) data.push(rest.slice(5).trim())
  if (data.length > 0) yield data.join('\n')
}

function reply(
  text: string,
  called: boolean,
  { used, bytes, mostBytes }: { used: z.output<typeof usage>; readonly bytes: number; readonly mostBytes: number },
): ChatReply {
  if (Buffer.byteLength(text) > mostBytes) throw tooLong(mostBytes)
  if (text.trim() === '') {
    throw replyInvalid(
      called ? 'the model called tools: nothing is run for a model, and nothing was proposed' : 'the answer is empty',
    )
  }
  return {
    text,
    bytes,
    promptTokens: used?.prompt_tokens ?? null,
    completionTokens: used?.completion_tokens ?? null,
  }
}

function hasCalls(calls: readonly unknown[] | null | undefined): boolean {
  return (calls ?? []).length > 0
}

function json(text: string): JsonValue {
  try {
    return parseJson(text, { depth: MOST_DEPTH })
  } catch (cause) {
    throw replyInvalid('the answer of the server is not JSON', cause)
  }
}

function parsed<Schema extends z.ZodType>(schema: Schema, value: JsonValue): z.output<Schema> {
  const read = schema.safeParse(value)
  if (read.success) return read.data
  throw replyInvalid('the answer of the server is none of the chat API')
}

/** @returns decodes a part; called without one, what is left over */
function decoder(): (part?: Uint8Array) => string {
  const utf8 = new TextDecoder('utf-8', { fatal: true })
  return (part) => {
    try {
      return part === undefined ? utf8.decode() : utf8.decode(part, { stream: true })
    } catch (cause) {
      throw replyInvalid('the answer of the server is not UTF-8', cause)
    }
  }
}

function tooLong(mostBytes: number): Error {
  return replyInvalid(`the answer is longer than ${mostBytes} bytes`)
}
