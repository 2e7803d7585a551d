import { join } from 'node:path'
import type { Clock } from '../contract/clock.js'
import type { TellEvent } from '../contract/log-event.js'
import type { Missions } from '../settings/uses/missions-of.js'
import { MISSION_SEQUENCE, readMissionSequence } from './mission-sequence.js'
import { type OrchestrateOptions, type OrchestratorStep, orchestrateMissions } from './orchestrate-missions.js'
import { isThere } from './read-if-there.js'
import { createMissionTaker, type MissionTaker } from './take-mission.js'

/** What looks for missions works with. */
export interface MissionWatchOptions {
  /** The places of missions, asked for each look. */
  missions(): Missions
  readonly clock: Clock
  readonly proposals: OrchestrateOptions['proposals']
  readonly tell: TellEvent
}

/** Looks for missions, for the process that has the record open. */
export interface MissionWatch {
  /** Takes a sequence further where there is one, and takes the mission that waits. To be called every `missions.pollMilliseconds`; never fails. */
  look(): Promise<void>
}

/** Looks for missions by the settings. A problem that stays is told once. */
export function createMissionWatch({ missions, clock, proposals, tell }: MissionWatchOptions): MissionWatch {
  let taker: { readonly directory: string; readonly take: MissionTaker['take'] } | undefined
  let nextCheck = Number.NEGATIVE_INFINITY
  let told: string | undefined

  const takerOf = (directory: string) => {
    if (taker?.directory !== directory)
      taker = { directory, take: createMissionTaker({ stateDirectory: directory, clock, tell }).take }
    return taker
  }

  const orchestrate = async ({ directory, stateDirectory }: Missions): Promise<void> => {
    const sequenceFile = join(directory, MISSION_SEQUENCE)
    if (clock.monotonic() < nextCheck || !(await isThere(sequenceFile))) return
    const { checkMilliseconds } = await readMissionSequence(sequenceFile)
    const step = await orchestrateMissions({ sequenceFile, stateDirectory, clock, proposals })
    // What is on its way is looked after each time.
    if (!ON_ITS_WAY.has(step.kind)) nextCheck = clock.monotonic() + checkMilliseconds
    told = undefined
  }

  return {
    look: async () => {
      const places = missions()
      try {
        await orchestrate(places)
      } catch (error) {
        const because = error instanceof Error ? error.message : String(error)
        if (told !== because) tell({ event: 'mission.transition.error', level: 'error', data: { because } })
        told = because
      }
      await takerOf(places.stateDirectory).take()
    },
  }
}

const ON_ITS_WAY: ReadonlySet<OrchestratorStep['kind']> = new Set(['staged', 'waiting'])
