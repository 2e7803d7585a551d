import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isJanusError } from '@janus/core'
import { errnoOf, fsyncDirectory, writeFileDurably } from '@janus/core/state'
import type { Clock } from '../contract/clock.js'
import type { TellEvent } from '../contract/log-event.js'
import { writeAcknowledgement } from './acknowledgement.js'
import {
  CURRENT_MISSION,
  type HandedOver,
  NEXT_MISSION,
  parseHandOver,
  payloadDigest,
  QUARANTINE,
  TAKEN_MISSION,
  TRANSITION_SIGNAL,
} from './hand-over-files.js'
import { isThere, readIfThere } from './read-if-there.js'
import { readMissionBytes } from './read-mission-file.js'

/** Where missions are taken from. */
export interface TakeMissionOptions {
  /** Absolute; it exists. One process takes from it: the one that has the record open. */
  readonly stateDirectory: string
  readonly clock: Pick<Clock, 'now'>
  readonly tell: TellEvent
}

/** Takes missions as they are handed over. */
export interface MissionTaker {
  /**
   * Takes the mission that waits, if one does. A payload is moved out of the way of newer ones first; it is acknowledged once it is the current mission for good, and
   * only then forgotten: a crash anywhere in between does the rest again. One that cannot be read is put into quarantine and rejected, once.
   * @returns the mission that is the current one from now on
   */
  take(): Promise<HandedOver | undefined>
}

const MODE = 0o644

/** Takes missions from a directory. A problem that stays is told once. */
export function createMissionTaker(options: TakeMissionOptions): MissionTaker {
  const { stateDirectory, clock } = options
  const place = (name: string): string => join(stateDirectory, name)
  let told: string | undefined

  const problem = (event: string, error: unknown): void => {
    const because = error instanceof Error ? error.message : String(error)
    // The words of an error name a temporary file, another one each time.
    const kind = `${event} ${errnoOf(error) ?? because}`
    if (told === kind) return
    told = kind
    options.tell({ event: `mission.transition.${event}`, level: 'error', data: { because } })
  }

  const apply = async (): Promise<HandedOver | undefined> => {
    if (!(await claim())) return undefined
    const taken = place(TAKEN_MISSION)
    const read = await readTaken(taken)
    if ('rejected' in read) {
      await quarantine(read)
      return undefined
    }
    const { bytes, handedOver } = read
    const { mission, digest } = handedOver
    try {
      await writeFileDurably(place(CURRENT_MISSION), bytes, { mode: MODE })
    } catch (error) {
      problem('write_current_failed', error)
      return undefined
    }
    try {
      const at = clock.now().toISOString()
      await writeAcknowledgement(stateDirectory, {
        missionId: mission.id,
        at,
        status: 'acknowledged',
        payloadDigest: digest,
      })
    } catch (error) {
      problem('write_ack_failed', error)
      return undefined
    }
    await forget()
    told = undefined
    options.tell({
      event: 'mission.transition.applied',
      level: 'info',
      data: { mission_id: mission.id, payload_digest: digest },
    })
    return handedOver
  }

  /** True when a payload lies where no newer one can replace it. */
  async function claim(): Promise<boolean> {
    if (await isThere(place(TAKEN_MISSION))) return true
    const signal = await readIfThere(place(TRANSITION_SIGNAL))
    // The signal goes first: that of a payload which comes now stays beside it.
    if (signal !== undefined) await rm(place(TRANSITION_SIGNAL), { force: true, recursive: true })
    try {
      await rename(place(NEXT_MISSION), place(TAKEN_MISSION))
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error
      if (signal !== undefined) await tellMissing(signal)
      return false
    }
    await fsyncDirectory(stateDirectory)
    options.tell({ event: 'mission.transition.detected', level: 'info', data: {} })
    return true
  }

  /** A signal that comes after its payload was taken says nothing new. */
  async function tellMissing(signal: Uint8Array): Promise<void> {
    const digest = Buffer.from(signal).toString('latin1').trim()
    const current = await readIfThere(place(CURRENT_MISSION))
    if (current !== undefined && payloadDigest(current) === digest) return
    if (/^[0-9a-f]{64}$/.test(digest) && (await isThere(join(place(QUARANTINE), `${digest}.json`)))) return
    options.tell({ event: 'mission.transition.missing_payload', level: 'warn', data: {} })
  }

  async function quarantine({ bytes, rejected }: Rejected): Promise<void> {
    const digest = bytes === undefined ? undefined : payloadDigest(bytes)
    // What is no file of ours has no bytes that are read: a name of its own is all there is.
    const name = digest ?? `unreadable-${clock.now().getTime()}`
    await mkdir(place(QUARANTINE), { recursive: true, mode: 0o755 })
    const kept = join(place(QUARANTINE), `${name}.json`)
    const known = await isThere(kept)
    if (digest !== undefined) {
      const at = clock.now().toISOString()
      await writeAcknowledgement(stateDirectory, {
        missionId: undefined,
        at,
        status: 'rejected',
        payloadDigest: digest,
        reason: rejected,
      })
    }
    await rename(place(TAKEN_MISSION), kept)
    await fsyncDirectory(place(QUARANTINE))
    await fsyncDirectory(stateDirectory)
    if (known) return
    options.tell({ event: 'mission.transition.invalid_payload', level: 'error', data: { because: rejected, kept } })
  }

  async function forget(): Promise<void> {
    try {
      await rm(place(TAKEN_MISSION), { force: true })
      await fsyncDirectory(stateDirectory)
    } catch (error) {
      problem('cleanup_failed', error)
    }
  }

  return {
    take: async () => {
      try {
        return await apply()
      } catch (error) {
        problem('error', error)
        return undefined
      }
    },
  }
}

interface Rejected {
  /** Undefined for what is no file of ours. */
  readonly bytes: Uint8Array | undefined
  readonly rejected: string
}

async function readTaken(
  path: string,
): Promise<{ readonly bytes: Uint8Array; readonly handedOver: HandedOver } | Rejected> {
  let bytes: Uint8Array | undefined
  try {
    bytes = await readMissionBytes(path)
    return { bytes, handedOver: await parseHandOver(bytes, path) }
  } catch (error) {
    if (!isJanusError(error) || error.code === 'JANUS_STATE_DENIED') throw error
    return { bytes, rejected: error.message }
  }
}
