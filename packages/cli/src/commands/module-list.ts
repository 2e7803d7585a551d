import type { CommandContext, CommandResult } from '../command.js'
import { renderModules } from '../render/modules.js'

/** `janus module list`. */
export async function run(
  context: CommandContext,
  _args: readonly string[],
  { module = [] }: { readonly module?: readonly string[] },
): Promise<CommandResult> {
  const janus = await context.open(undefined, module)
  const modules = await janus.modules()
  return { data: { modules }, text: renderModules(context.palette, modules) }
}
