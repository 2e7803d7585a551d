import { homedir } from 'node:os'
import { createInterface } from 'node:readline/promises'
import {
  type ContributedCommandContext,
  createJanus,
  createNullLogger,
  diagnosticOf,
  escapeForTerminal,
  exitCodeOf,
  type FoundTool,
  janusError,
} from '@janus/core'
import { stateDirectory } from '@janus/core/state'
import { runAgentCommand } from '../commands/run-agent-command.js'
import { configuredStateDirectory } from '../configured/configured-state-directory.js'
import { openConfiguredAgent, openConfiguredLocalAgent } from '../configured/open-configured-agent.js'

/** `ubos`: the commands of the agent under the name that the documents give them. */
async function main(args: readonly string[]): Promise<number> {
  const abort = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort())
  try {
    const {
      text,
      exitCode = 0,
      diagnostics = [],
    } = await runAgentCommand(
      {
        context: contextOf(abort.signal),
        program: 'ubos',
        stateDirectory: (config) => configuredStateDirectory(journalDirectory(), config),
        open: (options) => openConfiguredAgent({ ...options, purpose: 'ubos', tools }),
        openLocal: (options) => openConfiguredLocalAgent({ ...options, purpose: 'ubos', tools }),
      },
      args,
    )
    if (text !== '') print(process.stdout, text)
    for (const { severity, summary } of diagnostics) print(process.stderr, `${severity}: ${summary}`)
    return exitCode
  } catch (error) {
    const { code, summary, remedy } = diagnosticOf(error)
    print(process.stderr, `error: ${summary} (${code})`)
    if (remedy !== undefined) print(process.stderr, `  ${remedy}`)
    return exitCodeOf(error)
  }
}

function contextOf(signal: AbortSignal): ContributedCommandContext {
  return {
    signal,
    log: createNullLogger(),
    open: () => Promise.reject(janusError('JANUS_INTERNAL', 'ubos opens no host')),
    print: (text) => print(process.stdout, text),
    confirm: async ({ question, yes }) => {
      if (yes) return
      if (!process.stdin.isTTY || !process.stderr.isTTY) {
        throw janusError('JANUS_CONFIRMATION_REQUIRED', 'nobody can be asked without a terminal', {
          remedy: 'Give the digest that the review shows.',
        })
      }
      const terminal = createInterface({ input: process.stdin, output: process.stderr })
      const answer = await terminal.question(`${question} [y/N] `, { signal }).finally(() => terminal.close())
      if (!/^y(es)?$/i.test(answer.trim())) throw janusError('JANUS_DECLINED', 'declined; nothing was done')
    },
    mutate: (work) => work(),
  }
}

/** Nothing in it is obeyed by a terminal. */
function print(stream: NodeJS.WriteStream, text: string): void {
  const lines = text.replace(/\n$/, '').split('\n')
  stream.write(`${lines.map((line) => escapeForTerminal(line)).join('\n')}\n`)
}

/** Of packages that the user named or installed. */
function tools(): Promise<readonly FoundTool[]> {
  return createJanus({ sources: [{ kind: 'config' }, { kind: 'extensions' }] }).tools()
}

function journalDirectory(): string {
  return stateDirectory({ uid: process.geteuid?.() ?? 0, env: process.env, home: homedir() })
}

process.exitCode = await main(process.argv.slice(2))
