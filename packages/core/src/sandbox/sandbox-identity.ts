import { randomInt } from 'node:crypto'
import { janusError } from '../errors/janus-error.js'

/** User and group that root becomes before it starts a sandbox. */
export interface SandboxIdentity {
  readonly uid: number
  readonly gid: number
}

/** What systemd keeps for users that exist only as long as a service: no files belong to them. */
const TRANSIENT_USERS = { from: 61_184, to: 65_520 }

/**
 * Whom a sandbox runs as: the caller itself, or, for root, a user without a name, another for each caller. A sandbox of
 * host user 0 would read and write as root whatever it is called inside.
 * @param wanted user to become; only root can
 * @returns undefined when the caller stays who it is
 * @throws JANUS_USAGE when user or group 0 is wanted
 */
export function sandboxIdentity(
  wanted: SandboxIdentity | undefined,
  uid: number = process.geteuid?.() ?? 0,
): SandboxIdentity | undefined {
  if (wanted?.uid === 0 || wanted?.gid === 0) {
    throw janusError('JANUS_USAGE', 'a sandbox never runs as user or group 0')
  }
  if (uid !== 0) return undefined
  if (wanted !== undefined) return wanted
  const chosen = randomInt(TRANSIENT_USERS.from, TRANSIENT_USERS.to)
  return { uid: chosen, gid: chosen }
}
