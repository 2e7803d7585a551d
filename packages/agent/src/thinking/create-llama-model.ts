import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Executor, isJanusError } from '@janus/core'
import type { ChatMessage, ChatModel } from '../contract/model.js'
import type { LlamaModelSettings } from '../settings/uses/model-of.js'
import { modelUnavailable, replyInvalid } from './model-failure.js'

/** Where the program of llama.cpp is run. */
export interface LlamaRunner {
  /** Runs it: the sandbox of the agent. */
  readonly executor: Executor
  /** Directory for the prompts, absolute; nobody else may list it. */
  readonly promptDirectory: string
  /** The same directory as the program sees it. Default: the same path. */
  readonly shownAs?: string
}

/** What a run of the program is given. */
export interface LlamaModelOptions extends LlamaRunner {
  /** Milliseconds that only grow. */
  monotonic(): number
}

/** What the program prints behind an answer. */
const TRAILERS = ['[end of text]', '> EOF by user', '</s>'] as const

/**
 * A model that the program of llama.cpp runs, once for each question. The prompt lies in a file for as long as that takes: on a command line everybody could read it and it would not fit, and
 * `/dev/stdin` cannot be opened where standard input is a socket, as Node makes it. `--single-turn` ends the program after one answer; `--no-conversation` leaves newer versions waiting for
 * ever.
 */
export function createLlamaModel(settings: LlamaModelSettings, options: LlamaModelOptions): ChatModel {
  const { program, file } = settings
  const { promptDirectory, shownAs = promptDirectory, monotonic } = options
  return {
    kind: 'llama',
    name: `${file} by ${program}`,
    ask: async ({ messages, temperature, mostTokens, signal }) => {
      const begun = monotonic()
      // Whoever runs it may be another user: the name is what nobody else knows.
      const name = `prompt-${randomBytes(16).toString('hex')}.txt`
      const prompt = join(promptDirectory, name)
      try {
        await writeFile(prompt, promptOf(messages), { flag: 'wx', mode: 0o644 })
        const sampling = ['--temp', String(temperature), '--predict', String(Math.min(mostTokens, settings.mostTokens))]
        const text = await answerOf(settings, options, ['--file', join(shownAs, name), ...sampling], signal)
        const usage = { promptTokens: null, completionTokens: null, bytes: Buffer.byteLength(text) }
        return { text, usage: { ...usage, milliseconds: monotonic() - begun } }
      } finally {
        await rm(prompt, { force: true })
      }
    },
  }
}

async function answerOf(
  { program, file, threads, timeout, mostReplyBytes }: LlamaModelSettings,
  { executor }: LlamaModelOptions,
  asked: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const fixed = ['--model', file, '--threads', String(threads)]
  const quiet = ['--single-turn', '--no-display-prompt', '--simple-io', '--log-disable']
  const result = await executor
    .run(program, [...fixed, ...quiet, ...asked], { timeout, maxOutput: mostReplyBytes, signal, env: {} })
    .catch((error: unknown) => {
      if (!isJanusError(error)) throw error
      const kind = signal.aborted ? 'cancelled' : 'program'
      throw modelUnavailable(kind, `${program} could not be run: ${error.message}`, { cause: error })
    })
  const { exitCode, signal: ended, timedOut, truncated, stdout } = result
  if (timedOut) throw modelUnavailable('total-timeout', `${program} did not end within ${timeout / 1000} s`)
  if (truncated) throw replyInvalid(`the answer is longer than ${mostReplyBytes} bytes`)
  if (exitCode !== 0) throw modelUnavailable('program', `${program} ended with ${exitCode ?? ended ?? 'nothing'}`)
  const text = withoutTrailers(stdout)
  if (text === '') throw replyInvalid('the answer is empty')
  return text
}

/** No pattern does it: one that looks for blanks before an end goes over a long run of them from each of its places. */
function withoutTrailers(stdout: string): string {
  let text = stdout.trimEnd()
  for (;;) {
    const trailer = TRAILERS.find((each) => text.endsWith(each))
    if (trailer === undefined) return text
    text = text.slice(0, -trailer.length).trimEnd()
  }
}

function promptOf(messages: readonly ChatMessage[]): string {
  return `${messages.map(({ content }) => content).join('\n\n')}\n`
}
