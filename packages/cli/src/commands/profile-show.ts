import type { CommandContext, CommandResult } from '../command.js'
import { renderProfile } from '../render/profile.js'

/** `janus profile show`. */
export async function run(context: CommandContext, [name = '']: readonly string[]): Promise<CommandResult> {
  const janus = await context.open()
  const file = await janus.readProfile(name)
  return { data: file, text: renderProfile(context.palette, file) }
}
