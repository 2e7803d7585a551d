import type { ConformanceReport } from '@janus/core'
import { type Fragment, lines, text } from './markup.js'
import type { Palette } from './palette.js'

/** What a conformance suite found out: the score, the failed cases, and what could not be tried. */
export function renderConformance(palette: Palette, report: ConformanceReport): Fragment {
  const { api, module, results, passed, total, untried } = report
  const score = `Module API v${api} conformance: ${passed}/${total}`
  return lines(
    text`${palette.title(module.id)} ${module.version}`,
    ...results
      .filter(({ ok }) => !ok)
      .flatMap(({ id, title, why }) => [
        text`${palette.bad('failed')} ${title} ${palette.faint(`[${id}]`)}`,
        ...(why ?? 'no reason was given').split('\n').map((line) => text`  ${line}`),
      ]),
    untried.length === 0
      ? undefined
      : text`${palette.faint('not tried, for want of a fixture with options or a machine:')} ${untried.join(', ')}`,
    passed === total ? palette.good(score) : palette.bad(score),
  )
}
