import { janusError } from '@janus/core'
import type { CommandContext, CommandResult } from '../command.js'
import { writeNewFile } from '../files.js'
import { viewPlan } from '../plan-view.js'
import { readPresentFiles } from '../present-files.js'
import { join, lines, text } from '../render/markup.js'
import { renderPlan } from '../render/plan.js'
import { renderStage } from '../render/profile.js'

interface PlanFlags {
  readonly out?: string
  readonly host?: string
  readonly module?: readonly string[]
}

/** `janus profile plan`. */
export async function run(
  context: CommandContext,
  [name = '']: readonly string[],
  { out, host, module = [] }: PlanFlags,
): Promise<CommandResult> {
  const janus = await context.open(host, module)
  const { profile } = await janus.readProfile(name)
  const planned = await janus.planProfile(profile, { signal: context.signal })
  if (out !== undefined && planned.waiting.length > 0) {
    const names = planned.waiting.map((waiting) => waiting.module).join(', ')
    const remedy = `Apply it as it is: janus profile apply ${name}.`
    throw janusError('JANUS_USAGE', `a plan file holds one stage, and ${names} can only be planned later`, { remedy })
  }
  const { plan, devices } = await viewPlan(janus, planned.plan)
  if (out !== undefined) await writeNewFile(out, `${JSON.stringify(plan, null, 2)}\n`)
  const modules = module.flatMap((one) => ['--module', one])
  const applyWith =
    out === undefined ? ['sudo', 'janus', 'profile', 'apply', name, ...modules] : ['sudo', 'janus', 'apply', out]
  const present = await readPresentFiles(janus, plan)
  const printed = join(
    [
      renderStage(context.palette, planned),
      renderPlan(context.palette, plan, {
        present,
        ...(devices === undefined ? {} : { devices }),
        ...(host === undefined ? { applyWith } : {}),
      }),
    ],
    '\n\n',
  )
  return { data: planned, text: out === undefined ? printed : lines(printed, text``, text`Written to ${out}.`) }
}
