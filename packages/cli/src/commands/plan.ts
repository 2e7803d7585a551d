import type { CommandContext, CommandResult } from '../command.js'
import { readJsonFile, writeNewFile } from '../files.js'
import { moduleOptions } from '../module-options.js'
import { viewPlan } from '../plan-view.js'
import { readPresentFiles } from '../present-files.js'
import { lines, text } from '../render/markup.js'
import { renderPlan } from '../render/plan.js'

interface PlanFlags {
  readonly option?: readonly string[]
  readonly options?: string
  readonly out?: string
  readonly host?: string
  readonly module?: readonly string[]
  readonly leftOvers?: boolean
}

/** `janus plan`. */
export async function run(
  context: CommandContext,
  [id = '']: readonly string[],
  { option = [], options, out, host, module = [], leftOvers = false }: PlanFlags,
): Promise<CommandResult> {
  const given = options === undefined ? undefined : await readJsonFile(options)
  const janus = await context.open(host, module)
  const plan = await janus.plan(id, await moduleOptions(janus, id, option, given), {
    action: leftOvers ? 'rollback' : 'apply',
    signal: context.signal,
  })
  const view = await viewPlan(janus, plan)
  if (out !== undefined) await writeNewFile(out, `${JSON.stringify(plan, null, 2)}\n`)
  const { devices } = view
  const isRepeatable = options === undefined && !leftOvers
  const applyWith =
    out !== undefined ? ['sudo', 'janus', 'apply', out] : isRepeatable ? commandToApply(id, option, module) : []
  const printed = renderPlan(context.palette, plan, {
    present: await readPresentFiles(janus, plan),
    ...(devices === undefined ? {} : { devices }),
    ...(host === undefined ? { applyWith } : {}),
  })
  return { data: view, text: out === undefined ? printed : lines(printed, text``, text`Written to ${out}.`) }
}

/** A plan made from an options file, or of left-overs, can only be applied from a plan file. */
function commandToApply(id: string, option: readonly string[], module: readonly string[]): readonly string[] {
  const words = (flag: string, values: readonly string[]): readonly string[] => values.flatMap((value) => [flag, value])
  return ['sudo', 'janus', 'apply', id, ...words('-o', option), ...words('--module', module)]
}
