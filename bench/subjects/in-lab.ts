import { runScenario } from '../../lab/run-scenario.js'
import type { Measurement, RowDefinition } from '../report/bench-row.js'
import { defineBenchSubject } from '../report/bench-subject.js'

/** What the guest reports of each phase of each way. */
interface Phase {
  readonly milliseconds: number
  /** Of the plain script. */
  readonly plain: number
}

/** Applying and rolling back on the lab's kernel: the scenario `bench` measures it in its guest. */
export const inLab = defineBenchSubject({
  id: 'lab',
  title: 'In the lab',
  rows: {
    apply: phaseRow('janus bind --apply, median'),
    rollback: phaseRow('janus rollback, median'),
    'driverctl.apply': phaseRow('driverctl set-override, median'),
    'driverctl.rollback': phaseRow('driverctl unset-override, median'),
  },
  async unavailable({ lab }) {
    return lab ? undefined : '--no-lab'
  },
  async measure() {
    const { boots, checks } = await runScenario('bench')
    const failed = checks.filter(({ ok }) => !ok).map(({ title }) => title)
    const records = boots.flatMap(({ results }) => results)
    const values = new Map(
      records.flatMap((record): [string, unknown][] => (record.type === 'value' ? [[record.name, record.value]] : [])),
    )
    const reported = (name: string): Measurement | undefined => {
      const phase = values.get(name) as Phase | undefined
      return phase && { value: phase.milliseconds, calibration: phase.plain }
    }
    const ours = (name: string) => () => reported(name) ?? notReported(failed)
    const others = (name: string) => () => reported(name) ?? { skipped: 'driverctl is not installed in the guest' }
    return {
      apply: ours('janus: apply'),
      rollback: ours('janus: rollback'),
      'driverctl.apply': others('driverctl: apply'),
      'driverctl.rollback': others('driverctl: rollback'),
    }
  },
})

function phaseRow(what: string): RowDefinition {
  return { what, unit: 'ms', calibration: 'a shell script with the same writes' }
}

function notReported(failed: readonly string[]): never {
  throw new Error(['the guest did not report it', ...failed].join('\n'))
}
