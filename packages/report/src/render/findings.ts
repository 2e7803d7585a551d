import type { Diagnostic, Finding } from '@janus/core'
import type { ReportData } from '../contract/report-data.js'
import { evidenceOf, remedyOf } from './evidence.js'
import { html, type Markup } from './markup.js'
import { table } from './table.js'
import { badge, sentence } from './words.js'

interface FoundBy {
  readonly module: string
  readonly finding: Finding
}

/** What every check found: what stands in the way in full, what is fine in a table. */
export function renderFindings({ check }: ReportData): Markup {
  const found = check.modules.flatMap(({ module, findings }) => findings.map((finding) => ({ module, finding })))
  const of = (status: Finding['status']) => found.filter(({ finding }) => finding.status === status)
  const nothing = found.length === 0 ? html`<p>No module was asked.</p>` : undefined
  return html`<section id="findings" aria-labelledby="findings-title"><h2 id="findings-title">Findings</h2>
<p class="lead">What the checks of ${check.modules.length} modules found, as <code>janus check</code> tells it.</p>
${nothing}${cards('In the way', 'critical', of('critical'))}${cards('Worth knowing', 'warn', of('warn'))}
${rows('Fine', 'What is as it should be', of('ok'))}${rows('Not answerable here', 'What the host does not show, or does not have', of('skipped'))}
${notAsked(check.diagnostics)}</section>
`
}

function cards(title: string, tone: 'critical' | 'warn', found: readonly FoundBy[]): Markup | undefined {
  if (found.length === 0) return undefined
  return html`<h3>${title} <span class="quiet">${found.length}</span></h3>
<ul class="list">${found.map((one) => card(tone, one))}</ul>
`
}

function card(tone: 'critical' | 'warn', { module, finding }: FoundBy): Markup {
  const { id, summary, detail, evidence, remedy } = finding
  return html`<li class="card ${tone}"><div class="title"><p>${sentence(summary)}</p>${badge(tone, tone === 'critical' ? 'critical' : 'warning')}</div>
${detailOf(detail)}${remedyOf(remedy)}${evidenceOf(evidence)}<p class="quiet"><code>${module}</code> <code>${id}</code></p></li>
`
}

function rows(title: string, caption: string, found: readonly FoundBy[]): Markup | undefined {
  if (found.length === 0) return undefined
  const cells = found.map(({ module, finding: { summary, detail, evidence, remedy } }) => [
    html`<code class="nowrap">${module}</code>`,
    [html`<p>${sentence(summary)}</p>`, detailOf(detail), remedyOf(remedy), evidenceOf(evidence)],
  ])
  return html`<h3>${title} <span class="quiet">${found.length}</span></h3>
<div class="card">${table({ caption, columns: ['Module', 'Finding'], rows: cells })}</div>
`
}

function detailOf(detail: string | undefined): Markup | undefined {
  return detail === undefined ? undefined : html`<p class="detail">${detail}</p>`
}

function notAsked(diagnostics: readonly Diagnostic[]): Markup | undefined {
  if (diagnostics.length === 0) return undefined
  const items = diagnostics.map(
    ({ code, summary, detail, remedy }) =>
      html`<li><p>${sentence(summary)} <code class="quiet">${code}</code></p>${detailOf(detail)}${remedyOf(remedy)}</li>`,
  )
  return html`<h3>Remarks on modules <span class="quiet">${diagnostics.length}</span></h3><ul class="points">${items}</ul>
`
}
