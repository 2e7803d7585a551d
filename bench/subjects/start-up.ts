import { processorTimes } from '../measuring/processor-time.js'
import { LAUNCHER } from '../measuring/run-janus.js'
import type { Measurement, RowDefinition } from '../report/bench-row.js'
import type { BenchContext, BenchSubject } from '../report/bench-subject.js'

const COMMANDS = [
  { key: 'version', args: ['--version'], budget: 1.3 },
  { key: 'help', args: ['--help'], budget: 1.4 },
  { key: 'bind-list', args: ['bind', '--list'], budget: 2.6 },
  { key: 'check', args: ['check', '--no-interactive'], budget: 2.8 },
]
const CALIBRATION = 'node -e 0'

/** What commands cost on this machine, beside a node that does nothing. */
export const startUp = startUpIn('start-up', 'Start-up, in the environment of the caller', ({ env }) => ({
  ...process.env,
  ...env,
}))

/** What node itself does at its start depends on its environment: NODE_EXTRA_CA_CERTS alone more than doubles it. */
export const startUpEmpty = startUpIn('start-up-empty', 'Start-up, in an empty environment', ({ env }) => env)

/** Processor time is held against the budget; wall time is the same on an idle machine and says nothing on a busy one. */
function startUpIn(id: string, title: string, environment: (context: BenchContext) => NodeJS.ProcessEnv): BenchSubject {
  return {
    id,
    title,
    rows: Object.fromEntries(COMMANDS.flatMap(rowsOf)),
    async measure(context) {
      const node = [process.execPath, '-e', '0']
      const commands = COMMANDS.map(({ key, args }) => [key, [process.execPath, LAUNCHER, ...args]])
      const { processor, wall } = await processorTimes(
        { node, ...Object.fromEntries(commands) },
        context.quick ? 5 : 20,
        environment(context),
      )
      return Object.fromEntries(
        COMMANDS.flatMap(({ key }): [string, () => Measurement][] => [
          [key, () => ({ value: processor(key), calibration: processor('node') })],
          [`${key}.wall`, () => ({ value: wall(key), calibration: wall('node') })],
        ]),
      )
    },
  }
}

function rowsOf({ key, args, budget }: (typeof COMMANDS)[number]): readonly [string, RowDefinition][] {
  const what = `janus ${args.join(' ')}`
  const target = { of: 'ratio', bound: 'at-most', limit: budget } as const
  return [
    [key, { what: `${what}, processor time`, unit: 'ms', calibration: CALIBRATION, target }],
    [`${key}.wall`, { what: `${what}, wall time`, unit: 'ms', calibration: CALIBRATION }],
  ]
}
