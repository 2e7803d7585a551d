import type { CommandContext, CommandResult } from '../command.js'
import { renderProfileDiff } from '../render/profile.js'

interface DiffFlags {
  readonly host?: string
  readonly module?: readonly string[]
}

/** `janus profile diff`: exit code 1 when the host differs. */
export async function run(
  context: CommandContext,
  [name = '']: readonly string[],
  { host, module = [] }: DiffFlags,
): Promise<CommandResult> {
  const janus = await context.open(host, module)
  const { profile } = await janus.readProfile(name)
  const diff = await janus.diffProfile(profile, { signal: context.signal })
  return { data: diff, text: renderProfileDiff(context.palette, diff), exitCode: diff.same ? 0 : 1 }
}
