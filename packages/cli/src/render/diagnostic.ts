import type { Diagnostic } from '@janus/core'
import { type Fragment, lines, text } from './markup.js'
import type { Palette } from './palette.js'

/** A remark: what is wrong, the particulars, the way out. */
export function renderDiagnostic(palette: Palette, diagnostic: Diagnostic): Fragment {
  const { severity, code, summary, detail, remedy, path, module } = diagnostic
  const paint = severity === 'error' ? palette.bad : severity === 'warning' ? palette.notice : palette.faint
  const [first = '', ...further] = summary.split('\n')
  const about = [module, path].filter((word) => word !== undefined && !first.split(/[ :]/).includes(word)).join(' ')
  return lines(
    text`${paint(severity)} ${about === '' ? '' : `${about}: `}${first} ${palette.faint(`[${code}]`)}`,
    ...further.map((line) => text`  ${line}`),
    detail === undefined ? undefined : text`  ${detail}`,
    remedy === undefined ? undefined : text`  ${palette.faint('→')} ${remedy}`,
  )
}
