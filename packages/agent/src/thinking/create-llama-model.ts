import { type Executor, isJanusError } from '@janus/core'
import type { ChatMessage, ChatModel } from '../contract/model.js'
import type { LlamaModelSettings } from '../settings/uses/model-of.js'
import { modelUnavailable, replyInvalid } from './model-failure.js'

/** What a run of the program is given. */
export interface LlamaModelOptions {
  /** Runs it: the sandbox of the agent. */
  readonly executor: Executor
  /** Milliseconds that only grow. */
  monotonic(): number
}

/** What the program prints behind an answer. */
const TRAILER = /(?:\s*(?:\[end of text\]|> EOF by user|<\/s>))+\s*$/

/**
 * A model that the program of llama.cpp runs, once for each question. The prompt goes to its standard input: on a command line everybody could read it, and it would not fit.
 * `--single-turn` ends it after one answer; `--no-conversation` alone leaves newer versions waiting for ever.
 */
export function createLlamaModel(settings: LlamaModelSettings, { executor, monotonic }: LlamaModelOptions): ChatModel {
  const { program, file, threads, timeout, mostReplyBytes } = settings
  return {
    kind: 'llama',
    name: `${file} by ${program}`,
    ask: async ({ messages, temperature, mostTokens, signal }) => {
      const begun = monotonic()
      const args = [
        ...[
          '--model',
          file,
          '--file',
          '/dev/stdin',
          '--single-turn',
          '--no-display-prompt',
          '--simple-io',
          '--log-disable',
        ],
        ...['--threads', String(threads), '--temp', String(temperature)],
        ...['--predict', String(Math.min(mostTokens, settings.mostTokens))],
      ]
      const result = await executor
        .run(program, args, { input: promptOf(messages), timeout, maxOutput: mostReplyBytes, signal, env: {} })
        .catch((error: unknown) => {
          if (!isJanusError(error)) throw error
          const kind = signal.aborted ? 'cancelled' : 'program'
          throw modelUnavailable(kind, `${program} could not be run: ${error.message}`, { cause: error })
        })
      const { exitCode, signal: ended, timedOut, truncated, stdout } = result
      if (timedOut) throw modelUnavailable('total-timeout', `${program} did not end within ${timeout / 1000} s`)
      if (exitCode !== 0) throw modelUnavailable('program', `${program} ended with ${exitCode ?? ended ?? 'nothing'}`)
      if (truncated) throw replyInvalid(`the answer is longer than ${mostReplyBytes} bytes`)
      const text = stdout.replace(TRAILER, '')
      if (text.trim() === '') throw replyInvalid('the answer is empty')
      const bytes = Buffer.byteLength(stdout)
      return { text, usage: { promptTokens: null, completionTokens: null, bytes, milliseconds: monotonic() - begun } }
    },
  }
}

function promptOf(messages: readonly ChatMessage[]): string {
  return `${messages.map(({ content }) => content).join('\n\n')}\n`
}
