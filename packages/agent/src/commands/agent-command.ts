import type { ContributedCommandContext, ContributedCommandResult } from '@janus/core'
import type { Agent } from '../contract/agent.js'
import type { LocalAgent } from '../local/local-agent.js'

/** A command below `janus agent`. */
export interface AgentCommand {
  /** Its words: `status`, `proposals list`. */
  readonly words: string
  /** One sentence, which fits on a line of the list of commands. */
  readonly summary: string
  /** What else is to be known of it, in its own help: lines of one or two sentences. */
  readonly details?: readonly string[]
  /** Names of its positional arguments, all needed unless they end in `?`. */
  readonly positionals: readonly string[]
  readonly options: Readonly<Record<string, AgentCommandOption>>
  /** A line that can be typed, without `janus agent`. */
  readonly example: string
  /** It is about no agent that is there: no configuration is read before it runs, and it has no state directory. */
  readonly standsAlone?: boolean
  run(call: AgentCall): Promise<ContributedCommandResult>
}

/** An option of a command. */
export interface AgentCommandOption {
  readonly type: 'string' | 'boolean'
  /** May be given more than once; a string then is a list. */
  readonly multiple?: boolean
  /** How its value is called in the usage: `<id>`. */
  readonly value?: string
  /** All that it can be: a shell completes them. */
  readonly values?: readonly string[]
  readonly summary: string
}

/** A command as it was called. */
export interface AgentCall {
  readonly context: ContributedCommandContext
  /** How this program is called in what it prints. */
  readonly program: 'janus agent' | 'ubos'
  /** State directory of the agent. */
  readonly stateDirectory: string
  /** `--config`, when given. */
  readonly config: string | undefined
  positional(name: string): string
  /** An option that holds one text. */
  text(name: string): string | undefined
  texts(name: string): readonly string[]
  flag(name: string): boolean
  /** The agent, to be worked with; it is closed when the command has ended. */
  agent(): Promise<Agent>
  /** The agent in this process, which nobody else may have open; it is closed when the command has ended. */
  local(): Promise<LocalAgent>
  /** The agent, to be looked at: nothing is created, locked or changed. */
  reader(): Promise<Agent>
}
