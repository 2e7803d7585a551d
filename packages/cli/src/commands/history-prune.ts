import { janusError } from '@janus/core'
import type { CommandContext, CommandResult } from '../command.js'
import { lines, text } from '../render/markup.js'

const DEFAULT_DAYS = 90
const DAY = 86_400_000

interface PruneOptions {
  readonly olderThan?: string
  readonly dryRun?: boolean
  readonly yes?: boolean
}

/** `janus history prune`. */
export async function run(
  context: CommandContext,
  _args: readonly string[],
  { olderThan, dryRun = false, yes = false }: PruneOptions,
): Promise<CommandResult> {
  const before = new Date(Date.now() - daysOf(olderThan) * DAY)
  const janus = await context.open()
  const planned = await janus.pruneHistory({ before, dryRun: true })
  const count = planned.removed.length
  const preview = lines(
    text`${count} transaction(s) ended before ${before.toISOString()} and cannot be undone; ${planned.kept} stay.`,
    planned.removed.map((id) => text`  ${id}`),
  )
  if (dryRun || count === 0) return { data: planned, text: preview }
  context.show(() => preview)
  await context.confirm({ question: `Drop ${count} transaction(s) from the journal?`, yes })
  const report = await context.mutate(() => janus.pruneHistory({ before }))
  context.log.info('history pruned', { before, removed: report.removed })
  return { data: report, text: text`Dropped ${report.removed.length} transaction(s); ${report.kept} stay.` }
}

function daysOf(given: string | undefined): number {
  if (given === undefined) return DEFAULT_DAYS
  if (/^\d{1,6}$/.test(given)) return Number(given)
  throw janusError('JANUS_USAGE', `--older-than takes a whole number of days, not ${JSON.stringify(given)}`)
}
