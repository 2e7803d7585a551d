import { REDACTED } from '@janus/core'
import type { ChatModel, ModelAnswer, ModelQuestion } from '../contract/model.js'
import type { ServerModelSettings } from '../settings/uses/model-of.js'
import { type ChatReply, readStreamedReply, readWholeReply } from './chat-reply.js'
import { modelEndpoint } from './model-endpoint.js'
import { modelUnavailable } from './model-failure.js'
import { type PostAnswer, postJson } from './post-json.js'
import { readApiKey } from './read-api-key.js'

/** What a client of a server takes from its process. */
export interface ServerModelOptions {
  /** Where the variable of the key is looked for. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Milliseconds that only grow. */
  monotonic(): number
}

const MOST_TOLD_BYTES = 2048
const MOST_TOLD_CHARACTERS = 300

/**
 * A model behind a server that speaks the OpenAI chat API: that of llama.cpp, a gateway, any other. One request for one question; nothing is followed, and nothing tried
 * again but a connection that was refused.
 */
export function createServerModel(settings: ServerModelSettings, options: ServerModelOptions): ChatModel {
  return {
    kind: 'server',
    name: `${settings.model} at ${settings.baseUrl}`,
    ask: async (question) => {
      const { apiKey, baseUrl, allowedHosts } = settings
      const endpoint = modelEndpoint({ baseUrl, allowedHosts, hasKey: apiKey !== undefined })
      const key = apiKey === undefined ? undefined : await readApiKey(apiKey, options.env)
      const begun = options.monotonic()
      const reply = await postJson(
        {
          endpoint,
          headers: {
            accept: settings.stream ? 'text/event-stream, application/json' : 'application/json',
            ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
          },
          body: JSON.stringify(requestBody(settings, question)),
          deadlines: settings.deadlines,
          signal: question.signal,
        },
        (answer) => readReply(answer, settings.mostReplyBytes, key),
      )
      return answerOf(reply, options.monotonic() - begun)
    },
  }
}

function requestBody({ model, stream, mostTokens }: ServerModelSettings, question: ModelQuestion) {
  return {
    model,
    messages: question.messages,
    temperature: question.temperature,
    max_tokens: Math.min(mostTokens, question.mostTokens),
    response_format: { type: 'json_object' },
    stream,
    ...(stream ? { stream_options: { include_usage: true } } : {}),
  }
}

/** Whether it comes piece by piece is for the server to say: some do not, although they were asked to. */
async function readReply(answer: PostAnswer, mostBytes: number, key: string | undefined): Promise<ChatReply> {
  const { status, contentType, retryAfter, body } = answer
  if (status >= 300 && status < 400)
    throw modelUnavailable('redirect', `the server sends elsewhere (status ${status}); that is not followed`)
  if (status !== 200) {
    // Some servers repeat the key that they refuse.
    const told = withoutKey(await beginningOf(body), key).slice(0, MOST_TOLD_CHARACTERS)
    throw modelUnavailable('status', `the server answered with status ${status}${told === '' ? '' : `: ${told}`}`, {
      retryAfter,
    })
  }
  return /^text\/event-stream\b/i.test(contentType)
    ? readStreamedReply(body, mostBytes)
    : readWholeReply(body, mostBytes)
}

/** What a server says of its refusal is for people, and need not be whole. */
async function beginningOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of body) {
    parts.push(part.subarray(0, MOST_TOLD_BYTES - bytes))
    bytes += part.byteLength
    if (bytes >= MOST_TOLD_BYTES) break
  }
  return Buffer.concat(parts).toString('utf8').replace(/\s+/g, ' ').trim()
}

function withoutKey(text: string, key: string | undefined): string {
  return key === undefined ? text : text.replaceAll(key, REDACTED)
}

function answerOf({ text, promptTokens, completionTokens, bytes }: ChatReply, milliseconds: number): ModelAnswer {
  return { text, usage: { promptTokens, completionTokens, bytes, milliseconds } }
}
