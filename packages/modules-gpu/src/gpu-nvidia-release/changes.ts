import type { Change, Loss } from '@janus/core'
import { stopUnitChange } from '../systemd-units.js'
import { waitUntilUnheld } from '../wait-change.js'
import type { GpuNvidiaReleaseOptions } from './options.js'
import { PERSISTENCE_DAEMON, type Survey } from './survey.js'

const COMMAND_TIMEOUT = 60_000
const REVEALS = 'that nobody holds the NVIDIA cards open any more'

/** The changes after which nobody holds the cards: units stopped, persistence mode off, then the wait. */
export function releaseChanges(survey: Survey, options: GpuNvidiaReleaseOptions): readonly Change[] {
  const { held, units, holders, numbers } = survey
  if (held.length === 0 || (units.length === 0 && holders.holders.length === 0)) return []
  const addresses = held.map(({ address }) => address).join(', ')
  return [
    ...units.map((unit) => {
      const isDaemon = unit.name === PERSISTENCE_DAEMON
      const why = isDaemon
        ? `end the persistence mode of the NVIDIA driver: ${unit.name} keeps ${addresses} open`
        : `stop ${unit.name}, which you named, so that it lets go of ${addresses}`
      return stopUnitChange(unit, why, isDaemon ? [] : [lossOf(unit.name)], undefined)
    }),
    ...(options.legacyPersistence ? held.map(({ address }) => legacyChange(address)) : []),
    ...waitUntilUnheld(
      numbers,
      options.timeout,
      `wait up to ${options.timeout} seconds until no process holds ${addresses} open; nothing is killed`,
      REVEALS,
    ),
  ]
}

function lossOf(unit: string): Loss {
  return {
    id: `work-of-${unit.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`,
    summary: `what ${unit} was doing ends; starting it again does not resume it`,
  }
}

/** The kernel does not show this mode, so that it is taken on the word of the options. */
function legacyChange(address: string): Change {
  const command = { kind: 'run-command', command: 'nvidia-smi', timeout: COMMAND_TIMEOUT, scope: 'runtime' } as const
  return {
    ...command,
    args: ['-i', address, '-pm', '0'],
    why: `switch the persistence mode of ${address} off`,
    undo: [
      { ...command, args: ['-i', address, '-pm', '1'], why: `switch the persistence mode of ${address} on again` },
    ],
  }
}
