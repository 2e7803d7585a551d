import type { ToolEntry } from '../../warrant/resolve-tool.js'
import type { AgentSettings } from '../agent-settings.js'

/**
 * The tools that may be proposed, by name: those that are configured, and of them only `security.allowed_tools` where that is a list. The program of
 * the tool `shell`, where it is configured without a path, is `sandbox.shell_path`.
 */
export function toolEntries({ tools, security, sandbox }: AgentSettings): ReadonlyMap<string, ToolEntry> {
  const allowed = security.allowed_tools === null ? undefined : new Set(security.allowed_tools)
  return new Map(
    tools
      .filter(({ name }) => allowed?.has(name) ?? true)
      .map(({ name, command, allow_network, environment, working_directory, description }) => [
        name,
        {
          name,
          command: name === 'shell' && command[0] === 'bash' ? [sandbox.shell_path, ...command.slice(1)] : command,
          allow_network: allow_network || sandbox.policy.allow_network,
          environment,
          working_directory,
          description,
        },
      ]),
  )
}
