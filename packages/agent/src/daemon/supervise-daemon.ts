import { mkdirSync } from 'node:fs'
import type { LiveBoard } from '../controls/live-board.js'
import type { LocalAgent } from '../local/local-agent.js'
import { killRuns } from '../stop/end-runs.js'
import { clearRegister } from '../stop/run-register.js'
import { startBeating } from '../stop/supervisor/beat.js'
import { noteProcess } from '../stop/supervisor/process-note.js'
import { type RunningSupervisor, startSupervisor } from '../stop/supervisor/start-supervisor.js'
import type { Closers } from './closers.js'
import type { DaemonOptions } from './daemon-options.js'

/** For whom a supervisor is wanted. */
export interface SuperviseDaemonOptions extends Pick<DaemonOptions, 'supervisor' | 'blockedAfter' | 'say'> {
  readonly runDirectory: string
  readonly agent: LocalAgent
  readonly board: LiveBoard
  readonly closers: Closers
}

/** So often it is started again; then everything is stopped: nobody could end what runs. */
const MOST_STARTS = 3
const RUN_MODE = 0o750

/**
 * Puts a supervisor at the side of the daemon, and another one when it is lost: while there is none, nothing is started. What an earlier daemon left running is ended first.
 * @throws JANUS_AGENT_SUPERVISOR_UNAVAILABLE
 */
export async function superviseDaemon(options: SuperviseDaemonOptions): Promise<void> {
  const { runDirectory, agent, board, closers, supervisor: command, blockedAfter, say } = options
  const { emergency } = agent
  mkdirSync(runDirectory, { recursive: true, mode: RUN_MODE })
  const left = killRuns({ runDirectory, daemon: undefined, spared: [] })
  if (left.length > 0) say(`${left.length} runs of an earlier daemon were ended`)
  clearRegister(runDirectory)
  closers.add('the note of the daemon', noteProcess(runDirectory, 'daemon'))
  closers.add('the heartbeat', startBeating(runDirectory))
  let running: RunningSupervisor | undefined
  let starts = 0
  let isClosing = false

  const start = async (): Promise<void> => {
    starts += 1
    running = await startSupervisor({
      runDirectory,
      files: emergency.files(),
      onLost: () => void lost(),
      ...(command === undefined ? {} : { command }),
      ...(blockedAfter === undefined ? {} : { blockedAfter }),
    })
    emergency.spare(running)
    board.set('selfTest', undefined)
  }
  const lost = async (): Promise<void> => {
    if (isClosing) return
    say('the supervisor is gone')
    board.set('selfTest', 'the supervisor that could end every run is not there')
    while (starts < MOST_STARTS) {
      try {
        return await start()
      } catch (error) {
        say(`the supervisor could not be started: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    const summary = `the supervisor does not stay up: it was started ${starts} times`
    void emergency.stopEverything({ kind: 'controls', summary, by: { kind: 'system', name: 'daemon' } })
  }
  await start()
  closers.add('the supervisor', async () => {
    isClosing = true
    await running?.close()
  })
}
