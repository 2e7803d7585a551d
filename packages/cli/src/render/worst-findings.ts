import type { CheckReport, Finding } from '@janus/core'
import type { Drawing } from '../terminal/drawing.js'
import { hang } from './hang.js'
import { type Fragment, lines, text } from './markup.js'
import type { Palette } from './palette.js'

/** More than these are only counted: `janus check` has them all. */
const MOST = 6

/** What a check found that is not fine, the worst first, each with its remedy. */
export function renderWorstFindings(
  { palette, drawing }: { readonly palette: Palette; readonly drawing: Drawing },
  { modules, counts }: CheckReport,
): Fragment {
  const found = modules.flatMap(({ module, findings }) => findings.map((finding) => ({ module, finding })))
  const of = (wanted: Finding['status']) => found.filter(({ finding }) => finding.status === wanted)
  const remarkable = [...of('critical'), ...of('warn')]
  const left = remarkable.length - MOST
  const summary = text`${counts.critical} critical, ${counts.warn} warnings, ${counts.ok} ok, ${counts.skipped} skipped`
  return lines(
    remarkable.length === 0 ? palette.good('Nothing was found.') : undefined,
    remarkable.slice(0, MOST).map(({ module, finding }) => renderRemarkable(palette, drawing, module, finding)),
    text`${summary}${left > 0 ? `; ${left} more of these` : ''}: \`janus check\` has the whole of it.`,
  )
}

function renderRemarkable(
  palette: Palette,
  { columns }: Drawing,
  module: string,
  { status, summary, remedy }: Finding,
): Fragment {
  const mark = status === 'critical' ? palette.bad('critical') : palette.notice('warn    ')
  const hanging = { first: '', further: '         ' }
  return lines(
    hang(text`${mark} ${palette.faint(module)}: ${summary}`, hanging, columns),
    remedy === undefined
      ? undefined
      : hang(text`${palette.faint('→')} ${remedy}`, { first: '         ', further: '           ' }, columns),
  )
}
