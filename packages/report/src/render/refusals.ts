import type { BindingOutlook, Refusal } from '@janus/modules-gpu'
import { evidenceOf, remedyOf } from './evidence.js'
import { html, type Markup } from './markup.js'
import { counted, sentence } from './words.js'

/** Every reason not to bind, in full; nothing without any. */
export function refusalList(refusals: readonly Refusal[]): Markup | undefined {
  if (refusals.length === 0) return undefined
  return html`<h4>${counted(refusals.length, 'reason')} to refuse</h4><ul class="points">${refusals.map(refusalItem)}</ul>`
}

/** One reason: what it is, what resolves it, what it rests on. */
export function refusalItem(refusal: Refusal): Markup {
  const { reason, summary, remedy, evidence } = refusal
  const insist = insistOf(refusal)
  return html`<li><p>${sentence(summary)} <code class="quiet">${reason}</code></p>${remedyOf(remedy)}${insist === undefined ? undefined : html`<p>${insist}</p>`}${evidenceOf(evidence)}</li>`
}

/** What a person types to insist; nothing where nobody may. */
export function insistOf({ insist }: Refusal): Markup | undefined {
  return insist === undefined ? undefined : html`<b class="quiet">If you insist</b> <code>${insist}</code>`
}

/** The command that makes a plan for a group: where a human may insist, with all that he insists on; else nothing. */
export function planCommand({ target, verdict, refusals }: BindingOutlook): string | undefined {
  if (target.kind !== 'group' || (verdict !== 'bindable' && verdict !== 'insist')) return undefined
  const insisted = new Set(refusals.flatMap(({ insist }) => insist ?? []))
  return ['janus bind --group', target.group, ...insisted].join(' ')
}
