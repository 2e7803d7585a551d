import type { CommandContext, CommandResult } from '../command.js'
import { readJsonFile, writeNewFile } from '../files.js'
import { moduleOptions } from '../module-options.js'
import { viewPlan } from '../plan-view.js'
import { lines, text } from '../render/markup.js'
import { renderPlan } from '../render/plan.js'

interface PlanFlags {
  readonly option?: readonly string[]
  readonly options?: string
  readonly out?: string
  readonly host?: string
}

/** `janus plan`. */
export async function run(
  context: CommandContext,
  [module = '']: readonly string[],
  { option = [], options, out, host }: PlanFlags,
): Promise<CommandResult> {
  const given = options === undefined ? undefined : await readJsonFile(options)
  const janus = await context.open(host)
  const plan = await janus.plan(module, await moduleOptions(janus, module, option, given), { signal: context.signal })
  const view = await viewPlan(janus, plan)
  if (out !== undefined) await writeNewFile(out, `${JSON.stringify(plan, null, 2)}\n`)
  const { devices } = view
  const applyWith = out !== undefined ? ['sudo', 'janus', 'apply', out] : commandToApply(module, option, options)
  const printed = renderPlan(context.palette, plan, {
    ...(devices === undefined ? {} : { devices }),
    ...(host === undefined ? { applyWith } : {}),
  })
  return { data: view, text: out === undefined ? printed : lines(printed, text``, text`Written to ${out}.`) }
}

/** A plan made from an options file can only be applied from a plan file. */
function commandToApply(module: string, option: readonly string[], options: string | undefined): readonly string[] {
  if (options !== undefined) return []
  return ['sudo', 'janus', 'apply', module, ...option.flatMap((pair) => ['-o', pair])]
}
