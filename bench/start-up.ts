import { shortestDurations } from './interleaved.js'
import { runJanus, runNode } from './run-janus.js'
import type { BenchRow } from './table.js'

const BUDGETS = [
  { args: ['--version'], budget: 1.3 },
  { args: ['--help'], budget: 1.4 },
  { args: ['bind', '--list'], budget: 2.6 },
  { args: ['check', '--no-interactive'], budget: 2.8 },
]

/** How long commands take on this machine, as ratios to a node that does nothing. */
export async function benchStartUp(
  rounds: number,
  env: Readonly<Record<string, string>>,
): Promise<readonly BenchRow[]> {
  const bare = { name: 'node -e 0', run: () => runNode(['-e', '0'], env) }
  const commands = BUDGETS.map(({ args }) => ({ name: args.join(' '), run: () => runJanus(args, env) }))
  const shortest = await shortestDurations([bare, ...commands], rounds)
  const base = shortest.get(bare.name) ?? Number.NaN
  const rows = BUDGETS.map(({ args, budget }): BenchRow => {
    const ratio = (shortest.get(args.join(' ')) ?? Number.NaN) / base
    return {
      what: `janus ${args.join(' ')}`,
      value: `${ratio.toFixed(2)} × node`,
      against: `budget ${budget}`,
      verdict: ratio <= budget ? 'within' : 'over',
    }
  })
  return [{ what: bare.name, value: `${base.toFixed(1)} ms` }, ...rows]
}
