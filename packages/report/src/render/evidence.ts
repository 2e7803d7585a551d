import type { Evidence } from '@janus/core'
import { html, type Markup } from './markup.js'
import { counted, sentence } from './words.js'

/** What a conclusion rests on, folded; nothing without any. */
export function evidenceOf(evidence: readonly Evidence[] = []): Markup | undefined {
  if (evidence.length === 0) return undefined
  const entries = evidence.map(
    ({ path, value }) =>
      html`<div><dt><code>${path}</code></dt><dd>${value === undefined ? html`<span class="quiet">absent</span>` : html`<code>${value}</code>`}</dd></div>`,
  )
  return html`<details><summary>Evidence: ${counted(evidence.length, 'path')}</summary><dl class="evidence">${entries}</dl></details>`
}

/** The way out; nothing without one. */
export function remedyOf(remedy: string | undefined): Markup | undefined {
  return remedy === undefined ? undefined : html`<p class="remedy"><b>Remedy</b> ${sentence(remedy)}</p>`
}
