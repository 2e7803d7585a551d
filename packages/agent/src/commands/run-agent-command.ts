import { type ContributedCommandContext, type ContributedCommandResult, isJanusError, janusError } from '@janus/core'
import type { Agent } from '../contract/agent.js'
import type { LocalAgent } from '../local/local-agent.js'
import type { AgentCall } from './agent-command.js'
import { AGENT_COMMANDS } from './command-table.js'
import { helpText, type ParsedCommandLine, parseCommandLine } from './parse-command-line.js'

/** What a command line is run with. */
export interface RunAgentCommandOptions {
  readonly context: ContributedCommandContext
  /** How this program is called in what it prints. */
  readonly program: AgentCall['program']
  /** State directory of the agent. @param config the configuration that was named */
  stateDirectory(config: string | undefined): Promise<string>
  /** Opens the agent, to be worked with or only to be looked at. */
  open(options: OpenAsked): Promise<Agent>
  /** Opens it in this process. */
  openLocal(options: Omit<OpenAsked, 'readOnly'>): Promise<LocalAgent>
}

/** Which agent is wanted. */
export interface OpenAsked {
  readonly stateDirectory: string
  /** `--config`, when given. */
  readonly config: string | undefined
  readonly readOnly: boolean
}

/**
 * Runs one command of the agent and closes what it opened.
 * @param args the words behind the name of the program
 * @throws JANUS_USAGE; what the command throws
 */
export async function runAgentCommand(
  options: RunAgentCommandOptions,
  args: readonly string[],
): Promise<ContributedCommandResult> {
  const { program } = options
  const asked = parseCommandLine(AGENT_COMMANDS, args, program)
  if ('help' in asked) return { data: null, text: helpText(asked, program) }
  const opened: { close(): Promise<void> }[] = []
  try {
    const stateDirectory = asked.command.standsAlone === true ? '' : await options.stateDirectory(configOf(asked))
    return await asked.command.run(callOf(options, asked, stateDirectory, opened))
  } catch (error) {
    throw withHelpNamed(error, `${program} ${asked.command.words}`)
  } finally {
    for (const agent of opened) await agent.close()
  }
}

/** What was typed wrongly and says no way out of its own gets the help of its command. */
function withHelpNamed(error: unknown, command: string): unknown {
  if (!isJanusError(error) || error.code !== 'JANUS_USAGE') return error
  const { message, data, remedy } = error
  if (remedy !== janusError('JANUS_USAGE', '').remedy) return error
  return janusError('JANUS_USAGE', message, { remedy: `See \`${command} --help\`.`, data, cause: error.cause })
}

function callOf(
  { context, program, open, openLocal }: RunAgentCommandOptions,
  { positionals, values }: ParsedCommandLine,
  stateDirectory: string,
  opened: { close(): Promise<void> }[],
): AgentCall {
  const config = configOf({ values })
  const openAs = async (readOnly: boolean): Promise<Agent> => {
    const agent = await open({ stateDirectory, config, readOnly })
    opened.push(agent)
    return agent
  }
  return {
    context,
    program,
    stateDirectory,
    config,
    positional: (name) => positionals[name] ?? '',
    text: (name) => (typeof values[name] === 'string' ? values[name] : undefined),
    texts: (name) => (Array.isArray(values[name]) ? values[name] : []),
    flag: (name) => values[name] === true,
    agent: () => openAs(false),
    reader: () => openAs(true),
    local: async () => {
      const agent = await openLocal({ stateDirectory, config })
      opened.push(agent)
      return agent
    },
  }
}

function configOf({ values }: Pick<ParsedCommandLine, 'values'>): string | undefined {
  return typeof values.config === 'string' ? values.config : undefined
}
