import type { CheckReport, ExitCode } from '@janus/core'
import type { CommandContext, CommandResult } from '../command.js'
import { exitCodeOfDiagnostic } from '../failure.js'
import { renderCheckReport } from '../render/findings.js'

/** `janus check`. */
export async function run(
  context: CommandContext,
  modules: readonly string[],
  { host, module = [] }: { readonly host?: string; readonly module?: readonly string[] },
): Promise<CommandResult> {
  const janus = await context.open(host, module)
  const report = await janus.check({ ...(modules.length === 0 ? {} : { modules }), signal: context.signal })
  return {
    data: report,
    text: renderCheckReport(context.palette, report),
    exitCode: verdict(report, modules.length + module.length > 0),
    diagnostics: report.diagnostics,
  }
}

/** A module that was named and cannot be asked outweighs what the others found; so does nobody having been asked at all. */
function verdict({ diagnostics, counts, modules }: CheckReport, named: boolean): ExitCode {
  const failed = diagnostics.find(({ severity }) => severity === 'error')
  if (failed !== undefined && (named || modules.length === 0)) return exitCodeOfDiagnostic(failed)
  return counts.critical > 0 ? 1 : 0
}
