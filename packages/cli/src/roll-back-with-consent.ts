import type { Janus, RollbackOptions } from '@janus/core'
import type { CommandContext, CommandResult } from './command.js'
import { renderUndoReports } from './render/undo.js'

/** Shows what undoing would do, asks, and does it. */
export async function rollBackWithConsent(
  context: CommandContext,
  janus: Janus,
  {
    yes,
    dryRun,
    ...what
  }: { readonly yes: boolean; readonly dryRun: boolean } & Pick<RollbackOptions, 'transaction' | 'module' | 'cascade'>,
): Promise<CommandResult> {
  const planned = await janus.rollback({ ...what, dryRun: true, signal: context.signal })
  if (dryRun || planned.length === 0) {
    return { data: { reports: planned }, text: renderUndoReports(context.palette, planned) }
  }
  context.show((palette) => renderUndoReports(palette, planned))
  const names = planned.map(({ transaction }) => transaction).join(', ')
  await context.confirm({ question: `Roll back ${names}?`, yes })
  const reports = await context.mutate(() => janus.rollback({ ...what, signal: context.signal }))
  const incomplete = reports.some(({ outcome }) => outcome === 'incomplete')
  return {
    data: { reports },
    text: renderUndoReports(context.palette, reports),
    exitCode: incomplete ? 4 : 0,
  }
}
