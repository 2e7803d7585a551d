import type { ContributedCommandContext, ContributedCommandResult } from '@janus/core'
import { configuredStateDirectory } from '../configured/configured-state-directory.js'
import { openConfiguredAgent, openConfiguredLocalAgent } from '../configured/open-configured-agent.js'
import { runAgentCommand } from './run-agent-command.js'

/**
 * Runs `janus agent`: the agent of this machine, over its socket where it runs, else by its files.
 * @throws JANUS_USAGE; what the command throws
 */
export function run(context: ContributedCommandContext, args: readonly string[]): Promise<ContributedCommandResult> {
  const tools = async () => (await context.open()).tools()
  return runAgentCommand(
    {
      context,
      program: 'janus agent',
      stateDirectory: async (config) => configuredStateDirectory((await context.open()).stateDirectory, config),
      open: (options) => openConfiguredAgent({ ...options, purpose: 'janus agent', tools }),
      openLocal: (options) => openConfiguredLocalAgent({ ...options, purpose: 'janus agent', tools }),
    },
    args,
  )
}
