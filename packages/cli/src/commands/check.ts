import { type CheckReport, type ExitCode, type Janus, janusError } from '@janus/core'
import type { CommandContext, CommandResult } from '../command.js'
import { exitCodeOfDiagnostic } from '../failure.js'
import { readJsonFile } from '../files.js'
import { moduleOptions } from '../module-options.js'
import { renderCheckReport } from '../render/findings.js'

interface CheckFlags {
  readonly option?: readonly string[]
  readonly options?: string
  readonly host?: string
  readonly module?: readonly string[]
}

/** `janus check`. */
export async function run(
  context: CommandContext,
  modules: readonly string[],
  { host, module = [], option = [], options }: CheckFlags,
): Promise<CommandResult> {
  const isAsked = option.length > 0 || options !== undefined
  const [id = ''] = modules
  if (isAsked && modules.length !== 1) {
    throw janusError('JANUS_USAGE', 'options are those of one module: name it, and no other one', {
      remedy: 'janus check <module> -o key=value',
    })
  }
  const given = options === undefined ? undefined : await readJsonFile(options)
  const janus = await context.open(host, module)
  const report = await janus.check({
    ...(modules.length === 0 ? {} : { modules }),
    ...(isAsked ? { options: await askedOf(janus, id, option, given) } : {}),
    signal: context.signal,
  })
  return {
    data: report,
    text: renderCheckReport(context.palette, report),
    exitCode: verdict(report, modules.length + module.length > 0),
    diagnostics: report.diagnostics,
  }
}

async function askedOf(janus: Janus, id: string, option: readonly string[], given: unknown) {
  return { [id]: await moduleOptions(janus, id, option, given) }
}

/** A module that was named and cannot be asked outweighs what the others found; so does nobody having been asked at all. */
function verdict({ diagnostics, counts, modules }: CheckReport, named: boolean): ExitCode {
  const failed = diagnostics.find(({ severity }) => severity === 'error')
  if (failed !== undefined && (named || modules.length === 0)) return exitCodeOfDiagnostic(failed)
  return counts.critical > 0 ? 1 : 0
}
