import { shortestDurations } from './interleaved.js'
import { processorTimeOf } from './processor-time.js'
import { LAUNCHER } from './run-janus.js'
import type { BenchRow } from './table.js'

const BUDGETS = [
  { args: ['--version'], budget: 1.3 },
  { args: ['--help'], budget: 1.4 },
  { args: ['bind', '--list'], budget: 2.6 },
  { args: ['check', '--no-interactive'], budget: 2.8 },
]

/**
 * What commands cost on this machine, as ratios to a node that does nothing: of processor time, which is held against
 * the budget, and of wall time, which is the same on an idle machine and says nothing on a busy one.
 */
export async function benchStartUp(rounds: number, env: NodeJS.ProcessEnv): Promise<readonly BenchRow[]> {
  const bare = contender('node -e 0', ['-e', '0'], env)
  const commands = BUDGETS.map(({ args }) => contender(args.join(' '), [LAUNCHER, ...args], env))
  const durations = await shortestDurations([bare, ...commands], rounds)
  const wall = ({ name }: Contender): number => durations.get(name) ?? Number.NaN
  const rows = BUDGETS.map(({ args, budget }, index): BenchRow => {
    const command = commands[index] ?? bare
    const ratio = command.least() / bare.least()
    return {
      what: `janus ${args.join(' ')}`,
      value: `${ratio.toFixed(2)} × node (+${(command.least() - bare.least()).toFixed(0)} ms), wall ${(wall(command) / wall(bare)).toFixed(2)} ×`,
      against: `budget ${budget}`,
      verdict: ratio <= budget ? 'within' : 'over',
    }
  })
  return [{ what: bare.name, value: `${bare.least().toFixed(0)} ms, wall ${wall(bare).toFixed(0)} ms` }, ...rows]
}

interface Contender {
  readonly name: string
  run(): Promise<void>
  /** Least processor time of a run so far, in milliseconds. */
  least(): number
}

function contender(name: string, args: readonly string[], env: NodeJS.ProcessEnv): Contender {
  let least = Number.POSITIVE_INFINITY
  return {
    name,
    async run() {
      least = Math.min(least, await processorTimeOf([process.execPath, ...args], env))
    },
    least: () => least,
  }
}
