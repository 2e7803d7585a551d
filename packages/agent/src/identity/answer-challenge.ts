import { constants } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { agentError } from '../errors/agent-error.js'

/** An answer to a {@link UserChallenge}, under way. */
export interface ChallengeAnswer {
  /** Sets the time that was asked for. @param seconds since the epoch */
  setTime(seconds: number): Promise<void>
  /** Closes the file, and removes it. */
  end(): Promise<void>
}

const NAME = /^[0-9a-f]{32}$/
const FILE_MODE = 0o600

/**
 * Shows the agent who we are: creates the file that it named. The directory is the one we know, whatever the other end says, so that nobody
 * can have files made elsewhere.
 * @param directory where the agent reads the owners
 * @param file name that the agent chose
 * @throws JANUS_AGENT_IDENTITY_REFUSED for a name that no agent chooses; the errno error of open
 */
export async function answerChallenge(directory: string, file: string): Promise<ChallengeAnswer> {
  if (!NAME.test(file))
    throw agentError('JANUS_AGENT_IDENTITY_REFUSED', 'the agent asked for a file of an impossible name')
  const path = join(directory, file)
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  const handle: FileHandle = await open(path, flags, FILE_MODE)
  // Whatever the umask.
  await handle.chmod(FILE_MODE)
  return {
    setTime: (seconds) => handle.utimes(seconds, seconds),
    end: async () => {
      await handle.close()
      await rm(path, { force: true }).catch(() => undefined)
    },
  }
}
