import type { ContributedCommandResult } from '@janus/core'
import { createMemoryLogger } from '@janus/core/testing'
import { runAgentCommand } from '../../src/commands/run-agent-command.js'
import type { LocalAgentOptions } from '../../src/index.js'
import { openLocalAgent } from '../../src/local/open-local-agent.js'
import { openAgentToRead } from '../../src/local/read-local-agent.js'
import { localCaller, openAgent } from '../../src/open-agent.js'

/** What a run of a command said. */
export interface CommandRun extends ContributedCommandResult {
  /** Lines printed before the answer. */
  readonly printed: readonly string[]
  /** What was asked. */
  readonly asked: readonly string[]
}

/** Runs a command of the agent on a real state directory, as the program does. */
export async function runCommand(
  options: LocalAgentOptions,
  args: readonly string[],
  answers: { readonly yes?: boolean; readonly program?: 'janus agent' | 'ubos'; readonly signal?: AbortSignal } = {},
): Promise<CommandRun> {
  const printed: string[] = []
  const asked: string[] = []
  const { yes = false, program = 'janus agent', signal = new AbortController().signal } = answers
  const result = await runAgentCommand(
    {
      program,
      context: {
        log: createMemoryLogger(),
        signal,
        open: () => Promise.reject(new Error('no facade is needed')),
        print: (text) => printed.push(text),
        confirm: async ({ question, yes: said }) => {
          asked.push(question)
          if (!yes && !said) throw new Error('declined')
        },
        mutate: (work) => work(),
      },
      stateDirectory: async () => options.stateDirectory,
      openLocal: () => openLocalAgent(options),
      open: async ({ stateDirectory, readOnly }) =>
        openAgent({
          stateDirectory,
          openLocal: () => openLocalAgent(options),
          ...(readOnly ? { openToRead: async () => openAgentToRead(options, await localCaller()) } : {}),
        }),
    },
    args,
  )
  return { ...result, printed, asked }
}
