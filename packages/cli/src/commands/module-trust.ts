import type { CommandContext, CommandResult } from '../command.js'
import { renderTrustReview } from '../render/extensions.js'
import { text } from '../render/markup.js'

interface TrustFlags {
  readonly module?: readonly string[]
  readonly dryRun?: boolean
  readonly yes?: boolean
}

/** `janus module trust`. */
export async function run(
  context: CommandContext,
  [name = '']: readonly string[],
  { module = [], dryRun = false, yes = false }: TrustFlags,
): Promise<CommandResult> {
  const { extensions } = await context.open(undefined, module)
  const review = await extensions.reviewTrust(name)
  if (dryRun) return { data: { review, trusted: false }, text: renderTrustReview(context.palette, review) }
  context.show((palette) => renderTrustReview(palette, review))
  await context.confirm({ question: `Trust ${review.name} ${review.now.version} as it is now?`, yes })
  await context.mutate(() => extensions.trust(review))
  return {
    data: { review, trusted: true },
    text: text`${context.palette.good('Trusted')} ${review.name} ${review.now.version}, until its files change.`,
  }
}
