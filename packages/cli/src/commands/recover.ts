import type { CommandContext, CommandResult } from '../command.js'
import { renderRecoverReport } from '../render/undo.js'

/** `janus recover`. */
export async function run(
  context: CommandContext,
  _args: readonly string[],
  { dryRun = false, yes = false }: { readonly dryRun?: boolean; readonly yes?: boolean },
): Promise<CommandResult> {
  const janus = await context.open()
  const planned = await janus.recover({ dryRun: true, signal: context.signal })
  if (dryRun || planned.transactions.length === 0) {
    return { data: planned, text: renderRecoverReport(context.palette, planned) }
  }
  context.show((palette) => renderRecoverReport(palette, planned))
  await context.confirm({ question: `Recover ${planned.transactions.length} transaction(s)?`, yes })
  const report = await context.mutate(() => janus.recover({ signal: context.signal }))
  return {
    data: report,
    text: renderRecoverReport(context.palette, report),
    exitCode: report.complete ? 0 : 4,
  }
}
