import { resolve } from 'node:path'
import type { CommandContext, CommandResult } from '../command.js'
import { renderAdded, renderPreview } from '../render/extensions.js'

/** `janus module add`. */
export async function run(
  context: CommandContext,
  [spec = '']: readonly string[],
  { dryRun = false, yes = false }: { readonly dryRun?: boolean; readonly yes?: boolean },
): Promise<CommandResult> {
  const { extensions } = await context.open()
  const preview = await extensions.preview(/^\.{1,2}(\/|$)/.test(spec) ? resolve(context.cwd, spec) : spec)
  if (dryRun) return { data: { preview }, text: renderPreview(context.palette, preview, extensions.directory) }
  context.show((palette) => renderPreview(palette, preview, extensions.directory))
  await context.confirm({ question: `Install ${preview.name} ${preview.version}?`, yes })
  const extension = await context.mutate(() => extensions.add(preview, { signal: context.signal }))
  return { data: { preview, extension }, text: renderAdded(context.palette, extension) }
}
