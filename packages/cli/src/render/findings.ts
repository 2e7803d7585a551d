import type { CheckReport, Finding, ModuleFindings } from '@janus/core'
import { type Fragment, join, lines, text } from './markup.js'
import type { Palette } from './palette.js'

/** Findings by module, each with its remedy, and a line that counts them. */
export function renderCheckReport(palette: Palette, report: CheckReport): Fragment {
  const { ok, warn, critical, skipped } = report.counts
  const verdict = verdictOf(palette, report)
  return join(
    [
      ...report.modules.map((module) => renderModule(palette, module)),
      text`${palette.title(report.host)}: ${verdict} (${critical} critical, ${warn} warnings, ${ok} ok, ${skipped} skipped)`,
    ],
    '\n\n',
  )
}

/** One finding: verdict, evidence where it is not fine, remedy. */
export function renderFinding(palette: Palette, finding: Finding): Fragment {
  const evidence = finding.status === 'ok' ? [] : (finding.evidence ?? [])
  return lines(
    text`  ${mark(palette, finding.status)} ${finding.summary} ${palette.faint(`[${finding.id}]`)}`,
    ...(finding.detail?.split('\n') ?? []).map((line) => text`           ${line}`),
    ...evidence.map(({ path, value }) => text`           ${palette.faint('evidence')} ${path}${held(value)}`),
    finding.remedy === undefined ? undefined : text`           ${palette.faint('→')} ${finding.remedy}`,
  )
}

function renderModule(palette: Palette, { module, type, summary, findings }: ModuleFindings): Fragment {
  const heading = text`${palette.title(module)} ${palette.faint(`(${type})`)} ${summary}`
  if (findings.length === 0) return lines(heading, text`  nothing to report`)
  return lines(heading, ...findings.map((finding) => renderFinding(palette, finding)))
}

function mark(palette: Palette, status: Finding['status']): Fragment {
  const word = status.padEnd(8)
  if (status === 'ok') return palette.good(word)
  if (status === 'warn') return palette.notice(word)
  return status === 'critical' ? palette.bad(word) : palette.faint(word)
}

function held(value: string | undefined): Fragment {
  return value === undefined ? text` is absent` : text` = ${value}`
}

function verdictOf(palette: Palette, { modules, counts }: CheckReport): Fragment | string {
  if (modules.length === 0) return palette.bad('nothing was checked')
  if (counts.critical > 0) return palette.bad('critical')
  return counts.warn > 0 ? palette.notice('usable, with warnings') : palette.good('good')
}
