import type { CommandContext, CommandResult } from '../command.js'
import { renderProfiles } from '../render/profile.js'

/** `janus profile list`. */
export async function run(context: CommandContext): Promise<CommandResult> {
  const janus = await context.open()
  const profiles = await janus.profiles()
  return { data: { profiles }, text: renderProfiles(context.palette, profiles) }
}
