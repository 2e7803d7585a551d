import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { LAUNCHER_FILES } from './launcher-command.js'
import type { LaunchedProgram } from './prepare-launch.js'
import { collectStatus, numberIn, programOf, type SandboxStatus } from './read-status.js'

/** A program that waits to be started. */
export interface Launch {
  readonly program: LaunchedProgram
  readonly status: SandboxStatus
  /** Starts it. @param users name of the file that the users come from */
  go(users: string): void
  /** Opens the pipe of the users for {@link LAUNCHER_FILES.held}, before it goes. @returns writes them into it; once */
  hold(): (users: string) => void
}

/** The program of a launcher, which is told what the launcher said. */
export interface CurrentLaunch extends Omit<Launch, 'go'> {
  take(text: string): void
  /** Nothing more is said. */
  endSaid(): void
  /** The launcher has ended. */
  end(wasKilled: boolean): void
  /** The launcher has waited for it, and nobody has killed them. */
  wasReported(): boolean
}

/**
 * Follows the next program of a launcher.
 * @param files directory of the launcher's files
 * @param bubblewrap number on the host of what becomes its bubblewrap
 * @param kill ends the launcher, and with it all of the program
 */
export function currentLaunch(files: string, bubblewrap: number, kill: () => void): CurrentLaunch {
  let text = ''
  let wasKilled = false
  let hasEnded = false
  let isReported = false
  let isKilled = false
  let held: number | undefined
  let resolveEnded: () => void = () => undefined
  const ended = new Promise<void>((resolve) => {
    resolveEnded = resolve
  })
  // Bubblewrap gives the number that its first process has in a namespace that is not ours.
  const collected = collectStatus(() => programOf(bubblewrap))
  const closeHeld = (): void => {
    if (held !== undefined) closeSync(held)
    held = undefined
  }
  const end = (killed: boolean): void => {
    if (hasEnded) return
    hasEnded = true
    wasKilled = killed
    closeHeld()
    collected.end()
    resolveEnded()
  }
  return {
    program: {
      ended,
      hasEnded: () => hasEnded,
      wasKilled: () => wasKilled,
      kill: () => {
        if (hasEnded) return
        isKilled = true
        kill()
      },
    },
    status: collected.status,
    hold() {
      const { O_RDWR, O_NONBLOCK, O_NOFOLLOW } = constants
      held = openSync(`${files}/${LAUNCHER_FILES.held}`, O_RDWR | O_NONBLOCK | O_NOFOLLOW)
      return (users) => {
        if (held !== undefined) writeSync(held, users)
        closeHeld()
      }
    },
    take(more) {
      collected.take(more)
      if (hasEnded) return
      // Bubblewrap says little, and has nothing to say after its end.
      text += more
      if (numberIn(text, 'ended') === undefined) return
      isReported = true
      end(false)
    },
    endSaid: collected.end,
    end,
    wasReported: () => isReported && !isKilled,
  }
}

/**
 * Opens the pipe of the input. It is ours until somebody else has opened it too, which bubblewrap has when it is there: otherwise it would be lost. What nobody reads is gone with the end.
 * @returns writes all of it; once
 */
export function openInput(
  path: string,
  input: string | Uint8Array,
  { program, status }: Pick<Launch, 'program' | 'status'>,
): () => void {
  const { O_RDWR, O_NONBLOCK, O_NOFOLLOW } = constants
  const fd = openSync(path, O_RDWR | O_NONBLOCK | O_NOFOLLOW)
  const pipe = new Socket({ fd, readable: false, writable: true })
  pipe.on('error', () => undefined)
  void program.ended.then(() => pipe.destroy())
  return () => pipe.write(input, () => void status.announced().then(() => pipe.destroy()))
}
