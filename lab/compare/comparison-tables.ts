import type { Comparison, Observation } from './observation.js'
import { type Verdict, verdictOf } from './verdict.js'

/** Where the driver of a device is, or that it has none: the point of the whole comparison. */
function deviceWords({ after, before, changed, device }: Observation): string {
  const others = Object.entries(changed).filter(([address]) => address !== device)
  const lost = others.filter(([, state]) => state.after?.driver == null && state.before?.driver != null)
  const own = after === null ? 'absent' : driverWords(after.driver, before?.driver ?? null)
  const aimed = after?.override === before?.override ? '' : `, aimed at ${overrideWords(after?.override)}`
  return `${own}${aimed}${lost.length === 0 ? '' : `; ${lost.map(([address]) => address).join(', ')}: **none**`}`
}

function driverWords(found: string | null, before: string | null): string {
  if (found !== null) return found
  return before === null ? 'none, as before' : '**none**'
}

function overrideWords(override: string | undefined): string {
  if (override === undefined || override.startsWith('<')) return 'what cannot be read any more'
  return override.trim() === '(null)' ? 'nothing' : override.trim()
}

/** One row for each trap and tool: what the issue asks for. */
export function detailTable({ observations }: Comparison): string {
  const rows = observations.map((observation) => [
    observation.trap,
    observation.tool,
    observation.asks.map((ask, at) => `${ask} ${observation.exits[at] ?? 'killed'}`).join(', '),
    deviceWords(observation),
    [...observation.harm, ...observation.flaws].join('; ') || '–',
    marked(verdictOf(observation)),
  ])
  return table(['trap', 'tool', 'exit', 'the device afterwards', 'harm', 'verdict'], rows)
}

/** One row for each trap, one column for each tool: the verdicts alone, and their sums. */
export function verdictTable({ observations, versions }: Comparison): string {
  const tools = Object.keys(versions).filter((tool) => observations.some((observation) => observation.tool === tool))
  const traps = [...new Map(observations.map(({ trap, title }) => [trap, title]))]
  const verdictAt = (trap: string, tool: string): string => {
    const found = observations.find((observation) => observation.trap === trap && observation.tool === tool)
    return found === undefined ? '' : marked(verdictOf(found))
  }
  const rows = traps.map(([trap, title]) => [`${trap}: ${title}`, ...tools.map((tool) => verdictAt(trap, tool))])
  const right = tools.map((tool) => {
    const own = observations.filter((observation) => observation.tool === tool)
    return `${own.filter((observation) => verdictOf(observation) === 'right').length} of ${own.length}`
  })
  return table(['trap', ...tools], [...rows, ['**right**', ...right]])
}

function marked(verdict: Verdict): string {
  return verdict === 'right' ? verdict : `**${verdict}**`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const safe = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')))
  return [head, head.map(() => '---'), ...safe].map((row) => `| ${row.join(' | ')} |`).join('\n')
}
