import type { CommandContext, CommandResult } from '../command.js'
import { lines, text } from '../render/markup.js'

/** `janus module meta`. */
export async function run(
  context: CommandContext,
  [id = '']: readonly string[],
  { module = [] }: { readonly module?: readonly string[] },
): Promise<CommandResult> {
  const janus = await context.open(undefined, module)
  const { type, version, compatApi, path } = await janus.describe(id)
  const meta = { id, type, version, compat_api: compatApi, ...(path === undefined ? {} : { path }) }
  return { data: meta, text: lines(Object.entries(meta).map(([name, value]) => text`${name}=${value}`)) }
}
