import { readFileSync } from 'node:fs'
import { janusError } from '@janus/core'
import type { SandboxIdentity } from '@janus/core/sandbox'

/** Numbers of users and groups that nobody else has: one for each run at a time. */
export interface ToolUsers {
  readonly firstUid: number
  readonly firstGid: number
  readonly count: number
}

/** Files that say who there is. */
export interface UserFiles {
  readonly passwd: string
  readonly subuid: string
  readonly subgid: string
}

const SYSTEM_FILES: UserFiles = { passwd: '/etc/passwd', subuid: '/etc/subuid', subgid: '/etc/subgid' }
const MOST = 64

/**
 * Whom tools run as when the agent is root: numbers that are reserved for this user in /etc/subuid and /etc/subgid (subuid(5)), or else the user itself,
 * for one run at a time.
 * @param user name from `sandbox.dynamic_user`
 * @throws JANUS_SANDBOX_UNAVAILABLE when there is neither
 */
export function findToolUsers(user: string, files: UserFiles = SYSTEM_FILES): ToolUsers {
  const account = linesOf(files.passwd).find(([name]) => name === user)
  const uids = reserved(files.subuid, user, account?.[2])
  const gids = reserved(files.subgid, user, account?.[2])
  if (uids !== undefined && gids !== undefined) {
    return { firstUid: uids.first, firstGid: gids.first, count: Math.min(MOST, uids.count, gids.count) }
  }
  const [firstUid, firstGid] = [Number(account?.[2]), Number(account?.[3])]
  if (Number.isSafeInteger(firstUid) && Number.isSafeInteger(firstGid)) return { firstUid, firstGid, count: 1 }
  throw janusError('JANUS_SANDBOX_UNAVAILABLE', `there is no user ${JSON.stringify(user)} that tools could run as`, {
    remedy: `Make one with numbers of its own: \`useradd --system --no-create-home --shell /usr/sbin/nologin ${user}\`, then \`usermod --add-subuids 1879048192-1879048255 --add-subgids 1879048192-1879048255 ${user}\`; or run the agent as an ordinary user.`,
    data: { cause: 'tool-user' },
  })
}

/**
 * The users of the slots, in order.
 * @param ownUid number of the agent's own user
 * @throws JANUS_SANDBOX_UNAVAILABLE when one of them would be root, or the agent itself
 */
export function identitiesOf(users: ToolUsers, ownUid: number): readonly SandboxIdentity[] {
  const identities = Array.from({ length: users.count }, (_, slot) => ({
    uid: users.firstUid + slot,
    gid: users.firstGid + slot,
  }))
  const wrong = identities.find(({ uid, gid }) => uid <= 0 || gid <= 0 || uid === ownUid)
  if (wrong === undefined && identities.length > 0) return identities
  const message =
    wrong === undefined ? 'no user is reserved for tools' : `tools would run as user ${wrong.uid}, group ${wrong.gid}`
  throw janusError('JANUS_SANDBOX_UNAVAILABLE', `${message}: never as root, nor as the agent itself`, {
    remedy: 'Name a user of its own in sandbox.dynamic_user.',
    data: { cause: 'tool-user' },
  })
}

function reserved(
  file: string,
  user: string,
  uid: string | undefined,
): { readonly first: number; readonly count: number } | undefined {
  for (const [name, first, count] of linesOf(file)) {
    if (name !== user && (uid === undefined || name !== uid)) continue
    const range = { first: Number(first), count: Number(count) }
    if (Number.isSafeInteger(range.first) && Number.isSafeInteger(range.count) && range.first > 0 && range.count > 0)
      return range
  }
  return undefined
}

function linesOf(file: string): readonly (readonly string[])[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.split(':'))
  } catch {
    return []
  }
}
