import type { CommandContext, CommandResult } from '../command.js'
import { renderModule } from '../render/modules.js'

/** `janus module show`. */
export async function run(
  context: CommandContext,
  [id = '']: readonly string[],
  { module = [] }: { readonly module?: readonly string[] },
): Promise<CommandResult> {
  const janus = await context.open(undefined, module)
  const description = await janus.describe(id)
  return { data: description, text: renderModule(context.palette, description) }
}
