import { type EndedRuns, endRuns, type KnownProcess, type RunsOf, runningProcesses } from './end-runs.js'
import { raiseStopFile } from './raise-stop-file.js'
import { stopFiles } from './stop-files.js'
import { notedProcess } from './supervisor/process-note.js'

/** What a stop from outside met and did. */
export interface StopFromOutside extends EndedRuns {
  /** The file that stands. */
  readonly file: string
}

/** What would be stopped. */
export interface WouldStop {
  readonly daemon: KnownProcess | undefined
  readonly supervisor: KnownProcess | undefined
  readonly processes: readonly KnownProcess[]
}

const LONGEST_KILL = 5000

/**
 * Stops everything without the daemon: the file in the state directory, then every process, also when the event loop of the daemon is blocked and its supervisor is gone. For
 * root and the owner of the state directory.
 * @throws the errno error of creating the file: EACCES for anybody else
 */
export async function stopFromOutside(
  { stateDirectory, runDirectory }: { readonly stateDirectory: string; readonly runDirectory: string },
  summary: string,
): Promise<StopFromOutside> {
  const file = await raiseStopFile(stopFiles(stateDirectory, undefined), {
    kind: 'command',
    summary,
    // The owner of the file says who it was.
    by: { kind: 'system', name: 'command' },
  })
  return { file, ...(await endRuns(runsSeen(runDirectory), LONGEST_KILL)) }
}

/** What runs now, and would be ended. */
export function wouldStop(runDirectory: string): WouldStop {
  return {
    daemon: notedProcess(runDirectory, 'daemon'),
    supervisor: notedProcess(runDirectory, 'supervisor'),
    processes: runningProcesses(runsSeen(runDirectory)),
  }
}

function runsSeen(runDirectory: string): RunsOf {
  const supervisor = notedProcess(runDirectory, 'supervisor')
  return {
    runDirectory,
    daemon: notedProcess(runDirectory, 'daemon'),
    spared: supervisor === undefined ? [] : [supervisor],
  }
}
