import type { Change, Loss } from '@janus/core'
import { stopUnitChange } from '../systemd-units.js'
import { waitUntilUnheld } from '../wait-until-unheld.js'
import type { GpuNvidiaReleaseOptions } from './options.js'
import { PERSISTENCE_DAEMON, type Survey } from './survey.js'

const REVEALS = 'that nobody holds the NVIDIA cards open any more'

/** The changes after which nobody holds the cards: units stopped, the persistence daemon among them, then the wait. */
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
