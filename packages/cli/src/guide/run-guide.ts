import { type Inventory, type Janus, janusError, lossesOf, type Plan } from '@janus/core'
import { applyAgreed } from '../apply-with-consent.js'
import type { CommandContext, CommandResult } from '../command.js'
import { commandToApply } from '../commands/bind.js'
import { viewPlan } from '../plan-view.js'
import { readPresentFiles } from '../present-files.js'
import { renderInventoryTree } from '../render/inventory-tree.js'
import { type Fragment, lines, text } from '../render/markup.js'
import type { Palette } from '../render/palette.js'
import { renderPlan } from '../render/plan.js'
import { shellWords } from '../render/shell-words.js'
import { renderWorstFindings } from '../render/worst-findings.js'
import { isYes } from '../terminal/confirm.js'
import { choicesIn, chooseDevice } from './choose-device.js'
import { type BindingPlan, planBinding } from './plan-binding.js'
import { printPaged } from './print-paged.js'

/**
 * `janus` without anything else, on a terminal: check, choose a device, read the plan, apply it. Each part is a call that
 * a command makes too; what changes the machine is the apply of a plan, after a yes that nobody has to give.
 */
export async function run(context: CommandContext): Promise<CommandResult> {
  const janus = await context.open()
  const report = await janus.check({ signal: context.signal })
  context.print(section(context, 1, 'What stands in the way', renderWorstFindings(context, report)))
  const inventory = await janus.inventory()
  const { palette, drawing } = context
  await printPaged(context, section(context, 2, 'What there is', renderInventoryTree(palette, inventory, drawing)))
  if (choicesIn(inventory).length === 0) {
    const said = text`\nNo group is free, so there is nothing to choose. The reasons stand beside the groups above.`
    return { data: null, text: said, diagnostics: report.diagnostics }
  }
  const chosen = await choosePlan(context, janus, inventory)
  const end = chosen === undefined ? { data: null, text: text`Nothing was done.` } : await goOn(context, janus, chosen)
  return { ...end, diagnostics: report.diagnostics }
}

/** Until one can be planned, or none is wanted. */
async function choosePlan(
  context: CommandContext,
  janus: Janus,
  inventory: Inventory,
): Promise<BindingPlan | undefined> {
  for (;;) {
    const device = await chooseDevice(context, inventory)
    if (device === undefined) return undefined
    const planned = await planBinding(context, janus, device)
    if (planned !== undefined) return planned
  }
}

async function goOn(
  context: CommandContext,
  janus: Janus,
  { plan, device, option }: BindingPlan,
): Promise<CommandResult> {
  const { palette } = context
  const { devices } = await viewPlan(janus, plan)
  const present = await readPresentFiles(janus, plan)
  const printed = renderPlan(palette, plan, devices === undefined ? { present } : { present, devices })
  await printPaged(context, section(context, 3, 'What taking it would do', printed))
  if (plan.changes.length === 0) return { data: plan, text: text`` }
  const accept = await acceptLosses(context, plan)
  const command = commandToApply({ device: [device], option, accept })
  if (process.geteuid?.() !== 0) {
    const heading = text`\n${palette.title('4. Apply')}: changing this machine needs root. This does it, and asks once more:`
    return { data: plan, text: lines(heading, text`  ${shellWords(command)}`, takeBack(palette)) }
  }
  context.print(text`\n${palette.title('4. Apply')}`)
  // Nobody is asked for a yes to what cannot be started.
  await janus.preflight(plan, { accept })
  const question = `Apply plan ${plan.digest.slice(0, 12)} (${plan.changes.length} steps)?`
  if (!isYes(await context.line(text`${question} [y/N] `))) {
    const remedy = `When you want it: ${shellWords(command)}`
    throw janusError('JANUS_DECLINED', 'declined; nothing was done', { remedy })
  }
  const applied = await applyAgreed(context, janus, plan, accept)
  return { ...applied, text: lines(applied.text, text`${palette.faint('what Janus has changed')} sudo janus status`) }
}

/** Each loss has a yes of its own. */
async function acceptLosses(context: CommandContext, { changes }: Plan): Promise<readonly string[]> {
  const accepted: string[] = []
  for (const { id, summary } of lossesOf(changes)) {
    if (accepted.includes(id)) continue
    const said = text`Undoing will not bring this back: ${summary}. Accept ${context.palette.bad(id)}? [y/N] `
    if (!isYes(await context.line(said))) throw janusError('JANUS_DECLINED', `${id} was not accepted; nothing was done`)
    accepted.push(id)
  }
  return accepted
}

function takeBack(palette: Palette): Fragment {
  return text`${palette.faint('then take it back with')} sudo janus bind --rollback`
}

function section({ palette }: CommandContext, number: number, title: string, content: Fragment): Fragment {
  return lines(text`${number === 1 ? '' : text`\n`}${palette.title(`${number}. ${title}`)}`, text``, content)
}
