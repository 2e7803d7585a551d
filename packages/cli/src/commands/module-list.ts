import type { CommandContext, CommandResult } from '../command.js'
import { renderModules } from '../render/modules.js'

/** `janus module list`. */
export async function run(context: CommandContext): Promise<CommandResult> {
  const janus = await context.open()
  const modules = await janus.modules()
  return { data: { modules }, text: renderModules(context.palette, modules) }
}
