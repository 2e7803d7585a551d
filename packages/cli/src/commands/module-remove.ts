import { janusError } from '@janus/core'
import type { CommandContext, CommandResult } from '../command.js'
import { renderExtension } from '../render/extensions.js'
import { text } from '../render/markup.js'

/** `janus module remove`. */
export async function run(
  context: CommandContext,
  [name = '']: readonly string[],
  { dryRun = false, yes = false }: { readonly dryRun?: boolean; readonly yes?: boolean },
): Promise<CommandResult> {
  const { extensions } = await context.open()
  const extension = await extensions.find(name)
  if (extension === undefined) {
    const remedy = 'See `janus module list`: what was added comes from a package of its own.'
    throw janusError('JANUS_PACKAGE_NOT_FOUND', `${JSON.stringify(name)} was not added`, { remedy })
  }
  if (dryRun) return { data: { extension }, text: renderExtension(context.palette, extension) }
  context.show((palette) => renderExtension(palette, extension))
  await context.confirm({ question: `Remove ${extension.name} ${extension.version}?`, yes })
  await context.mutate(() => extensions.remove(extension.name))
  return {
    data: { extension, removed: true },
    text: text`${context.palette.good('Removed')} ${extension.name} ${extension.version}.`,
  }
}
