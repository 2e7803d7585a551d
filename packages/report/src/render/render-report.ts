import { createHash } from 'node:crypto'
import type { ReportData } from '../contract/report-data.js'
import { renderFindings } from './findings.js'
import { renderGroupMap } from './group-map.js'
import { renderHead, renderSummary } from './head.js'
import { html, htmlOf, type Markup, styleElement } from './markup.js'
import { renderOutlooks } from './outlooks.js'
import { STYLE } from './style.js'
import { renderTopology } from './topology.js'

const SECTIONS = [
  ['summary', 'Summary'],
  ['findings', 'Findings'],
  ['groups', 'IOMMU groups'],
  ['binding', 'What binding would cost'],
  ['topology', 'Processors and memory'],
] as const

/**
 * Makes one HTML page of a report. It loads nothing and runs no script, and every text of the host in it is escaped.
 * @returns the whole file; the same bytes for the same data
 */
export function renderReport(data: ReportData): string {
  return `${htmlOf(page(data))}\n`
}

function page(data: ReportData): Markup {
  const { description } = data.machine
  const links = SECTIONS.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'sha256-${styleDigest()}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>Host report: ${description}</title>
${styleElement(STYLE)}
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
<div class="frame">
${renderHead(data)}
<div class="columns">
<nav aria-label="Sections"><ul>${links}</ul></nav>
<main id="main">
${renderSummary(data)}${renderFindings(data)}${renderGroupMap(data)}${renderOutlooks(data)}${renderTopology(data)}
</main>
</div>
<footer><p>Made by <code>janus report</code> ${data.janusVersion}. Numbers of IOMMU groups change between boots. The machine was read, and nothing on it was changed.</p></footer>
</div>
</body>
</html>`
}

/** The policy lets this one style in, and no other. */
function styleDigest(): string {
  return createHash('sha256').update(STYLE).digest('base64')
}
