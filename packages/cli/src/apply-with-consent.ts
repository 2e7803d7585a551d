import type { ApplyReport, Janus, Plan } from '@janus/core'
import type { CommandContext, CommandResult } from './command.js'
import type { PlanView } from './plan-view.js'
import { readPresentFiles } from './present-files.js'
import { type Fragment, lines, NOTHING, text } from './render/markup.js'
import { renderPlan } from './render/plan.js'
import { renderStepReport } from './render/undo.js'

/** How far the consent of the command line goes. */
export interface ConsentFlags {
  readonly yes?: boolean
  readonly accept?: readonly string[]
}

/** Shows a plan, asks, and applies exactly that plan. Nothing is asked or done when there is nothing to do. */
export async function applyWithConsent(
  context: CommandContext,
  janus: Janus,
  view: PlanView,
  { yes = false, accept = [] }: ConsentFlags,
): Promise<CommandResult> {
  const { plan, devices } = view
  if (plan.changes.length > 0) {
    const present = await readPresentFiles(janus, plan)
    context.show((palette) => renderPlan(palette, plan, devices === undefined ? { present } : { present, devices }))
    // Nobody is asked for a yes to what cannot be started.
    await janus.preflight(plan, { accept })
    await context.confirm({ question: `Apply plan ${plan.digest.slice(0, 12)} (${plan.changes.length} steps)?`, yes })
  }
  return await applyAgreed(context, janus, plan, accept)
}

/** Applies a plan that somebody has read and said yes to. */
export async function applyAgreed(
  context: CommandContext,
  janus: Janus,
  plan: Plan,
  accept: readonly string[],
): Promise<CommandResult> {
  const report = await context.mutate(() => janus.apply(plan, { accept, signal: context.signal }))
  return { data: report, text: renderReport(context, report) }
}

/** What an apply did, for people. */
export function renderReport(
  { palette }: Pick<CommandContext, 'palette'>,
  { outcome, transaction, steps, plan, stages = [plan] }: ApplyReport,
): Fragment {
  if (outcome === 'unchanged') return text`${palette.good('Nothing to do')}: the host already is as wanted.`
  const remarkable = steps.filter((step) => step.outcome !== 'done' || step.reason !== undefined)
  return lines(
    text`${palette.good('Applied')} ${plan.module.id}, plan ${stages.map(({ digest }) => digest).join(', ')}: ${steps.length} steps, each verified.`,
    remarkable.length === 0 ? undefined : remarkable.map((step) => text`  ${renderStepReport(palette, step)}`),
    text`${palette.faint('transaction')} ${transaction}`,
    outcome === 'applied' ? text`${palette.faint('undo it with')} janus rollback ${transaction}` : NOTHING,
  )
}
