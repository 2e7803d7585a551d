import { type Change, type Condition, type Host, type Loss, readSystemdUnits } from '@janus/core'
import * as z from '@janus/core/zod'

/** Name of a systemd unit that has a control group while it runs, as systemctl takes it: what has processes, or may have. */
export const unitName = z
  .string()
  .max(255)
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9:_.\\@-]*\.(?:service|socket|scope)$/,
    'must be the name of a service, socket or scope of systemd, such as nvidia-persistenced.service',
  )

/** A unit of systemd that runs. */
export interface RunningUnit {
  readonly name: string
  /** Its control group: there as long as it runs, and gone when it is stopped. */
  readonly cgroup: string
}

/** Those of these units that run, in this order. */
export async function findRunningUnits(host: Host, names: readonly string[]): Promise<readonly RunningUnit[]> {
  const groups = await readSystemdUnits(host, names)
  return names.flatMap((name) => {
    const cgroup = groups.get(name)
    return cgroup === undefined ? [] : [{ name, cgroup }]
  })
}

/** Milliseconds that systemd may take to stop a unit: its own default is 90 seconds, then it kills. */
const UNIT_TIMEOUT = 120_000

/** Stops a unit; undone by starting it again. */
export function stopUnitChange(
  { name, cgroup }: RunningUnit,
  why: string,
  losses: readonly Loss[],
  reveals: string | undefined,
): Change {
  const runs: Condition = { kind: 'exists', path: cgroup }
  return {
    kind: 'run-command',
    command: 'systemctl',
    args: ['stop', name],
    timeout: UNIT_TIMEOUT,
    why,
    expect: [runs],
    verify: [{ kind: 'absent', path: cgroup }],
    scope: 'runtime',
    ...(losses.length === 0 ? {} : { irreversible: losses }),
    ...(reveals === undefined ? {} : { reveals }),
    undo: [
      {
        kind: 'run-command',
        command: 'systemctl',
        args: ['start', name],
        timeout: UNIT_TIMEOUT,
        why: `start ${name} again`,
        verify: [runs],
        scope: 'runtime',
      },
    ],
  }
}
