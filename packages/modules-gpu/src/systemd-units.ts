import type { Change, Condition, Host, Loss } from '@janus/core'
import * as z from '@janus/core/zod'

/** Name of a systemd unit, as systemctl takes it. */
export const unitName = z
  .string()
  .max(255)
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9:_.\\@-]*\.(?:service|socket|target|timer|path|scope)$/,
    'must be the name of a systemd unit, such as nvidia-persistenced.service',
  )

/** A unit of systemd that runs. */
export interface RunningUnit {
  readonly name: string
  /** Its control group: there as long as it runs, and gone when it is stopped. */
  readonly cgroup: string
}

const HIERARCHIES = ['/sys/fs/cgroup/system.slice', '/sys/fs/cgroup/systemd/system.slice']

/**
 * Finds a unit by its control group, so that nobody has to be asked.
 * @returns undefined when it does not run, or keeps no process
 */
export async function findRunningUnit(host: Host, name: string): Promise<RunningUnit | undefined> {
  for (const hierarchy of HIERARCHIES) {
    const cgroup = `${hierarchy}/${name}`
    if (await host.exists(cgroup)) return { name, cgroup }
  }
  return undefined
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
