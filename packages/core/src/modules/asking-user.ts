import { readFile } from 'node:fs/promises'
import { type Environment, type UserDirectories, userDirectories } from '../state/state-directory.js'

/** For whom modules are looked for. */
export interface AskingUser {
  readonly uid: number
  /** User besides root whose files may be run: the one who called sudo, or the user. */
  readonly owner: number
  /** Directories of the user; with sudo, those of the one who called it come second. */
  readonly directories: readonly [UserDirectories, ...UserDirectories[]]
}

/** Reads who is asking from the environment. Only root is believed when it says that sudo was called. */
export async function readAskingUser(who: {
  readonly uid: number
  readonly env: Environment
  readonly home: string
}): Promise<AskingUser> {
  const { uid, env, home } = who
  const own = userDirectories(env, home)
  const invoker = uid === 0 && /^\d{1,10}$/.test(env.SUDO_UID ?? '') ? Number(env.SUDO_UID) : uid
  if (invoker === uid) return { uid, owner: uid, directories: [own] }
  const invokerHome = await homeOf(invoker)
  // Kept variables of the caller (sudo -E) already are the caller's directories.
  const same = invokerHome === undefined || invokerHome === home
  return { uid, owner: invoker, directories: same ? [own] : [own, userDirectories({}, invokerHome)] }
}

async function homeOf(uid: number): Promise<string | undefined> {
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '')
  const fields = passwd.split('\n').map((line) => line.split(':'))
  const home = fields.find((entry) => entry[2] === String(uid))?.[5]
  return home?.startsWith('/') ? home : undefined
}
