import type { ContributedCommandContext, ContributedCommandResult } from '@janus/core'
import { collectReport } from '../collect/collect-report.js'
import type { ReportData } from '../contract/report-data.js'
import { renderReport } from '../render/render-report.js'
import { counted } from '../render/words.js'
import { parseReportArguments, USAGE } from './arguments.js'
import { writeNewFile } from './write-new-file.js'

/**
 * Runs `janus report`: reads a host, writes one HTML file about it, and changes nothing else.
 * @throws JANUS_USAGE; JANUS_FILE_INVALID for a file that is there already; what opening the host throws
 */
export async function run(
  context: ContributedCommandContext,
  args: readonly string[],
): Promise<ContributedCommandResult> {
  const { help, host, out } = parseReportArguments(args)
  if (help) return { data: null, text: USAGE }
  const janus = await context.open(host)
  const report = await collectReport(janus, { signal: context.signal })
  const html = renderReport(report)
  const { diagnostics } = report.check
  if (out === '-') return { data: { out: null, report }, text: html, diagnostics }
  await writeNewFile(out, html)
  return { data: { out, report }, text: `Wrote ${out}: ${contentsOf(report)}.`, diagnostics }
}

function contentsOf({ check: { counts }, inventory }: ReportData): string {
  const findings = `${counts.critical} critical, ${counted(counts.warn, 'warning')}`
  return `${findings}, ${counted(inventory.devices.length, 'PCI function')}, ${counted(inventory.groups.length, 'IOMMU group')}`
}
