import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { writeFileDurably } from '@janus/core/state'
import type { AgentRecord } from '../record/agent-record.js'
import type { LoopProgress } from './loop-progress.js'
import type { ServiceManager } from './service-manager.js'

/** What shows that the daemon makes progress. */
export interface ProgressSources {
  readonly progress: LoopProgress
  readonly record: AgentRecord
  /** A file in it is written anew each time: a disk that takes nothing any more is no progress. */
  readonly runDirectory: string
}

/** Whether the daemon makes progress. */
export interface ProgressWatch {
  /** As it was found the last time. */
  readonly healthy: boolean
  /** Looks, and tells the service manager when it is so. @returns why not; undefined when it is */
  look(): Promise<string | undefined>
}

const LONGEST_WRITE = 10_000
const MODE = 0o600

/** Looks whether every loop goes round and the record can be written; the service manager is told that it lives only then. */
export function watchProgress(
  { progress, record, runDirectory }: ProgressSources,
  manager: Pick<ServiceManager, 'notify'>,
): ProgressWatch {
  let healthy = true
  let beats = 0
  const write = async (): Promise<void> => {
    // With nothing to record it fails when anything before could not be recorded.
    await record.commit(() => ({ events: [], answer: undefined }))
    beats += 1
    await writeFileDurably(join(runDirectory, 'alive'), Buffer.from(`${beats}\n`), { mode: MODE })
  }
  const problem = async (): Promise<string | undefined> => {
    const stuck = progress.stuck()
    if (stuck.length > 0) return `no round was completed: ${stuck.join(', ')}`
    const late = delay(LONGEST_WRITE, `nothing could be written for ${LONGEST_WRITE / 1000} s`, { ref: false })
    const written = write().then(
      () => undefined,
      (error: unknown) => `nothing can be written: ${error instanceof Error ? error.message : String(error)}`,
    )
    return Promise.race([written, late])
  }
  return {
    get healthy() {
      return healthy
    },
    look: async () => {
      const because = await problem()
      healthy = because === undefined
      await (because === undefined ? manager.notify('WATCHDOG=1') : manager.notify(`STATUS=${because}`))
      return because
    },
  }
}
