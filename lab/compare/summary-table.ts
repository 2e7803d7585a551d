import type { Comparison } from './observation.js'
import { type Verdict, verdictOf } from './verdict.js'

const MARK = /(<!-- table: comparison -->\n)[\s\S]*?(<!-- end -->)/
/** Verdicts that a person should know before they choose, with what stands for them; `right` is the first column. */
const COLUMNS: readonly (readonly [string, readonly Verdict[]])[] = [
  ['right', ['right']],
  ['broke something else', ['hurt']],
  ['never came back', ['hangs']],
  ['left a device without a driver', ['stranded']],
  ['another flaw', ['unusable', 'wrong driver', 'override changed', 'false success', 'false failure']],
]

/** How often each tool came to which verdict in a recorded run, as a table. */
export function summaryTable({ observations, versions }: Comparison): string {
  const rows = Object.entries(versions).flatMap(([tool, version]) => {
    const own = observations.filter((observation) => observation.tool === tool)
    if (own.length === 0) return []
    const counts = COLUMNS.map(([, verdicts]) => own.filter((one) => verdicts.includes(verdictOf(one))).length)
    return [[`${tool} ${version}`, ...counts.map((count, at) => (at === 0 ? `${count} of ${own.length}` : `${count}`))]]
  })
  const head = ['', ...COLUMNS.map(([title]) => title)]
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

/** A page with its table of the comparison as it was recorded. */
export function withSummaryTable(page: string, comparison: Comparison): string {
  return page.replace(MARK, (_, begin: string, end: string) => `${begin}${summaryTable(comparison)}\n${end}`)
}
