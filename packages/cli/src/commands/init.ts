import { applyWithConsent } from '../apply-with-consent.js'
import type { CommandContext, CommandResult } from '../command.js'
import { readPresentFiles } from '../present-files.js'
import { renderFinding } from '../render/findings.js'
import { join, lines } from '../render/markup.js'
import { renderPlan } from '../render/plan.js'

/** `janus init`. */
export async function run(
  context: CommandContext,
  _args: readonly string[],
  { dryRun = false, yes = false }: { readonly dryRun?: boolean; readonly yes?: boolean },
): Promise<CommandResult> {
  const janus = await context.open()
  const plan = await janus.planInit()
  const findings = await janus.checkInit()
  const groups = lines(findings.map((finding) => renderFinding(context.palette, finding)))
  if (dryRun) {
    const present = await readPresentFiles(janus, plan)
    const text = join([renderPlan(context.palette, plan, { present, applyWith: ['janus', 'init'] }), groups], '\n\n')
    return { data: { plan, findings }, text }
  }
  const applied = await applyWithConsent(context, janus, { plan }, { yes })
  return { data: { plan, findings, report: applied.data }, text: join([applied.text, groups], '\n\n') }
}
