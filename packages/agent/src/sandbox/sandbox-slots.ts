import {
  createPipeReaders,
  type PreparationSettings,
  type PreparedSandbox,
  prepareSandbox,
  type ResolvedBind,
  type SandboxIdentity,
  type SandboxStorage,
  type SandboxTools,
  systemDirectories,
} from '@janus/core/sandbox'
import type { RunCgroup, RunCgroups } from './run-cgroups.js'

/** Room for one run at a time: its user, a sandbox that waits for its program, and a cgroup that it is in already. */
export interface SandboxSlot {
  readonly prepared: PreparedSandbox
  readonly cgroup: RunCgroup
  /** Gives the room back, once every process of the run is gone. */
  giveBack(): void
}

/** What a run needs of its sandbox. */
export interface SlotNeeds {
  readonly storage: SandboxStorage
  readonly binds: readonly ResolvedBind[]
  /** Those of them that the user of the slot cannot reach by their path. */
  unreachable(identity: SandboxIdentity | undefined): Promise<readonly ResolvedBind[]>
}

/** The rooms of an agent. */
export interface SandboxSlots {
  /** Waits until one is free. Rejects with the reason of the signal. */
  take(needs: SlotNeeds, signal: AbortSignal | undefined): Promise<SandboxSlot>
  close(): Promise<void>
}

/** A slot, and what was prepared for it ahead of time. */
interface Room {
  readonly identity: SandboxIdentity | undefined
  /** What it was prepared for, and itself once it is ready. */
  spare: { readonly storage: SandboxStorage; readonly ready: Promise<Spare | undefined> } | undefined
  isTaken: boolean
}

interface Spare {
  readonly storage: SandboxStorage
  readonly prepared: PreparedSandbox
  readonly cgroup: RunCgroup
}

/** Sandboxes that wait for a program, at most. */
const MOST_SPARES = 4

/**
 * The rooms for runs: one for each identity, of which no two are the same user. A sandbox is prepared while nobody waits for it, so that a run begins at once.
 * @param identities undefined: the caller's own, for that many runs
 */
export function createSandboxSlots(
  tools: SandboxTools,
  identities: readonly (SandboxIdentity | undefined)[],
  cgroups: RunCgroups,
): SandboxSlots {
  const rooms: Room[] = identities.map((identity) => ({ identity, spare: undefined, isTaken: false }))
  const waiting: (() => void)[] = []
  const leaving = new Set<Promise<void>>()
  // Opened with the first run, for all of them.
  let common: Promise<Pick<PreparationSettings, 'readers' | 'system'>> | undefined
  let isClosed = false
  let made = 0

  const prepare = async (
    { identity }: Room,
    storage: SandboxStorage,
    staged: readonly ResolvedBind[],
  ): Promise<Spare> => {
    made += 1
    common ??= openCommon()
    const cgroup = await cgroups.open(`run-${made}`)
    try {
      const prepared = await prepareSandbox(
        { ...tools, ...(identity === undefined ? {} : { identity }) },
        { storage, staged, cgroups: cgroup.entries, ...(await common) },
      )
      return { storage, prepared, cgroup }
    } catch (error) {
      await cgroup.remove()
      throw error
    }
  }

  const free = (storage: SandboxStorage): Room | undefined => {
    const open = rooms.filter(({ isTaken }) => !isTaken)
    return open.find(({ spare }) => spare !== undefined && isSameStorage(spare.storage, storage)) ?? open[0]
  }

  const freeSoon = async (storage: SandboxStorage, signal: AbortSignal | undefined): Promise<Room> => {
    for (;;) {
      signal?.throwIfAborted()
      const room = free(storage)
      if (room !== undefined) {
        room.isTaken = true
        return room
      }
      await nextFree(waiting, signal)
    }
  }

  const release = (room: Room): void => {
    room.isTaken = false
    waiting.shift()?.()
  }

  /** The same again where it can be, else another one, while nobody needs it. */
  const renew = async (room: Room, used: Spare, isPlain: boolean): Promise<Spare | undefined> => {
    const isReady = isPlain && (await used.prepared.renew()) && used.cgroup.renew()
    if (isReady) return used
    // The next one has a cgroup of its own; this one may stay busy for a moment.
    leave(used)
    return isClosed ? undefined : prepare(room, used.storage, []).catch(() => undefined)
  }

  const leave = (used: Spare): void => {
    const given = discard(used)
    leaving.add(given)
    void given.finally(() => leaving.delete(given))
  }

  return {
    async take(needs, signal) {
      const room = await freeSoon(needs.storage, signal)
      try {
        const spare = await room.spare?.ready
        room.spare = undefined
        let staged = await needs.unreachable(room.identity)
        const fits =
          spare?.prepared.isThere() === true &&
          staged.length === 0 &&
          isSameStorage(spare.storage, needs.storage) &&
          spare.prepared.reaches(needs.binds)
        if (spare !== undefined && !fits) await discard(spare)
        let ready = fits ? spare : await prepare(room, needs.storage, staged)
        if (!ready.prepared.reaches(needs.binds)) {
          // What it is to be shown lies below what was laid over.
          await discard(ready)
          staged = needs.binds
          ready = await prepare(room, needs.storage, staged)
        }
        return {
          prepared: ready.prepared,
          cgroup: ready.cgroup,
          giveBack: () => {
            const spares = rooms.filter(({ spare }) => spare !== undefined).length
            // Nothing is prepared once everything is to end.
            if (isClosed || signal?.aborted === true || spares >= MOST_SPARES) leave(ready)
            else room.spare = { storage: needs.storage, ready: renew(room, ready, staged.length === 0) }
            release(room)
          },
        }
      } catch (error) {
        release(room)
        throw error
      }
    },
    async close() {
      isClosed = true
      for (const room of rooms) {
        const spare = await room.spare?.ready
        room.spare = undefined
        if (spare !== undefined) await discard(spare)
      }
      await Promise.allSettled(leaving)
    },
  }
}

async function openCommon(): Promise<Pick<PreparationSettings, 'readers' | 'system'>> {
  return { readers: createPipeReaders(), system: await systemDirectories() }
}

async function discard({ prepared, cgroup }: Spare): Promise<void> {
  prepared.close()
  await cgroup.remove()
}

function isSameStorage(one: SandboxStorage, other: SandboxStorage): boolean {
  return one.bytes === other.bytes && one.inodes === other.inodes
}

function nextFree(waiting: (() => void)[], signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      const index = waiting.indexOf(next)
      if (index >= 0) waiting.splice(index, 1)
      reject(signal?.reason)
    }
    const next = (): void => {
      signal?.removeEventListener('abort', leave)
      resolve()
    }
    waiting.push(next)
    signal?.addEventListener('abort', leave, { once: true })
  })
}
