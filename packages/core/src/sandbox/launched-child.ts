import type { ChildProcess } from 'node:child_process'
import { signalGroup } from '../executor/process-group.js'
import type { LaunchedProgram } from './prepare-launch.js'

/** A child that leads a group of its own, as what was launched. */
export function launchedChild(child: ChildProcess): LaunchedProgram {
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null
  return {
    ended: new Promise((resolve) => child.once('exit', () => resolve())),
    hasEnded,
    wasKilled: () => child.signalCode !== null,
    // The group has the number of its leader, which is nobody else's until its exit is known to us.
    kill: () => {
      if (child.pid !== undefined && !hasEnded()) signalGroup(child.pid, 'SIGKILL')
    },
  }
}
