import type { CommandContext, CommandResult } from '../command.js'
import { renderModule } from '../render/modules.js'

/** `janus module show`. */
export async function run(context: CommandContext, [module = '']: readonly string[]): Promise<CommandResult> {
  const janus = await context.open()
  const description = await janus.describe(module)
  return { data: description, text: renderModule(context.palette, description) }
}
