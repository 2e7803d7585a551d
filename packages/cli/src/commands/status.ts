import type { CommandContext, CommandResult } from '../command.js'
import { renderStatus } from '../render/status.js'

/** `janus status`: exit code 1 when something is unfinished or has drifted. */
export async function run(context: CommandContext): Promise<CommandResult> {
  const janus = await context.open()
  const report = await janus.status()
  return { data: report, text: renderStatus(context.palette, report), exitCode: report.clean ? 0 : 1 }
}
