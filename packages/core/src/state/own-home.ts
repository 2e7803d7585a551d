import { userInfo } from 'node:os'

/** The home directory of the user of this process, as the user database has it; `/` for a user without an entry, as in many containers. */
export function ownHome(): string {
  try {
    return userInfo().homedir
  } catch {
    return '/'
  }
}
