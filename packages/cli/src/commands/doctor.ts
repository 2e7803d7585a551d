import type { CommandContext, CommandResult } from '../command.js'
import { renderDoctor } from '../render/doctor.js'

/** `janus doctor`. */
export async function run(
  context: CommandContext,
  _args: readonly string[],
  { module = [] }: { readonly module?: readonly string[] },
): Promise<CommandResult> {
  const janus = await context.open(undefined, module)
  const report = await janus.diagnose()
  return { data: report, text: renderDoctor(context.palette, report), diagnostics: report.diagnostics }
}
