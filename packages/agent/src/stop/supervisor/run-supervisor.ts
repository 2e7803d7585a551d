import type { StopCause } from '../../contract/stop.js'
import { findKnown, type KnownProcess, killRuns, type RunsOf, runningProcesses } from '../end-runs.js'
import { raiseStopFile } from '../raise-stop-file.js'
import { findStop } from '../stop-files.js'
import { watchStopFiles } from '../watch-stop-files.js'
import { readBeat } from './beat.js'
import { notedProcess, noteProcess } from './process-note.js'
import { leaveWatchdogNote } from './watchdog-notes.js'

/** What the supervisor holds. */
export interface SupervisorOptions {
  readonly runDirectory: string
  /** See `stopFiles`. */
  readonly files: readonly string[]
  /** Milliseconds for which the event loop of the daemon may stand still. Default: 30000. */
  readonly blockedAfter?: number
  /** Milliseconds between two looks, besides what the kernel tells. Default: 250. */
  readonly every?: number
  /** Told of what happens, one line each. */
  onEvent?(line: string): void
}

/** The running supervisor. */
export interface Supervisor {
  /** Stops everything, as if the file were there: it is, from then on. */
  stop(cause: StopCause): void
  /** Ends what a daemon left behind that is gone, and lets go. */
  close(): void
}

const BLOCKED_AFTER = 30_000
const EVERY = 250
/** While something is left to be ended. */
const SOON = 5

/**
 * The supervisor: a process of its own that can end every run without the daemon. It watches the emergency stop and whether the event loop of the daemon turns, holds nothing but what
 * the run directory and /proc tell, and waits for no disk before it kills. As long as a stop stands or the event loop does not
 * turn, whatever appears is ended.
 */
export function runSupervisor(options: SupervisorOptions): Supervisor {
  const { runDirectory, files, blockedAfter = BLOCKED_AFTER, every = EVERY, onEvent = () => undefined } = options
  const forget = noteProcess(runDirectory, 'supervisor')
  const isBlocked = watchBeat(runDirectory, blockedAfter)
  let isTold = false
  let flag = false
  // What was seen holds until it is kept in a file, and where it cannot be kept, for as long as this process lives.
  let isKept = true
  let timer: NodeJS.Timeout | undefined

  const runs = (): RunsOf => ({ runDirectory, daemon: notedProcess(runDirectory, 'daemon'), spared: [] })
  const end = (): boolean => {
    killRuns(runs())
    return runningProcesses(runs()).length === 0
  }
  const raise = (because: string, cause: StopCause): void => {
    if (flag) return
    onEvent(`stop: ${because}`)
    flag = true
    isKept = false
    // It is created while the runs are killed: nothing waits for a disk that hangs.
    const raising = raiseStopFile(files, cause)
    const none = end()
    raising.then(
      () => {
        isKept = true
      },
      (error: unknown) => onEvent(`the stop cannot be kept: ${String(error)}`),
    )
    schedule(none ? every : SOON)
  }
  const look = (): void => {
    const found = findStop(files)
    if (flag && isKept && found === undefined) {
      onEvent('the stop is gone')
      flag = false
    }
    const daemon = notedProcess(runDirectory, 'daemon')
    const blocked = isBlocked(daemon)
    const none = flag || daemon === undefined ? end() : true
    schedule(none ? every : SOON)
    // One killing can miss what was just being forked. What the kernel holds would not end any sooner for more looks than usual.
    if (blocked && !flag) end()
    if (blocked && !flag && !isTold) tellBlocked()
    if (!flag) isTold = blocked
  }
  const tellBlocked = (): void => {
    const summary = `the event loop of the daemon stood still for ${blockedAfter / 1000} s`
    onEvent(summary)
    try {
      leaveWatchdogNote(runDirectory, summary)
    } catch (error) {
      onEvent(`no word of it can be left: ${String(error)}`)
    }
  }
  const schedule = (after: number): void => {
    clearTimeout(timer)
    timer = setTimeout(look, after)
  }
  const watch = watchStopFiles({ paths: files, every, onFound: (because) => raise(because, found(because)) })
  schedule(every)
  return {
    stop: (cause) => raise(cause.summary, cause),
    close: () => {
      clearTimeout(timer)
      watch.close()
      end()
      forget()
    },
  }
}

function found(because: string): StopCause {
  return { kind: 'file', summary: because, by: { kind: 'system', name: 'janus-controls' } }
}

/** Tells whether the number stands still for too long, on the clock of this process. */
function watchBeat(runDirectory: string, blockedAfter: number): (daemon: KnownProcess | undefined) => boolean {
  let last: string | undefined
  let since = performance.now()
  return (daemon) => {
    const beat = readBeat(runDirectory)
    if (daemon !== undefined && findKnown(daemon) !== undefined && beat === last)
      return performance.now() - since >= blockedAfter
    last = beat
    since = performance.now()
    return false
  }
}
