import { readFileSync } from 'node:fs'
import type { QueryAnswer } from '../../contract/query.js'

/**
 * Who Janus runs as: user, and the names of the groups that the process is in.
 * @param uid another user to answer for, from the user database; default the process
 */
export function readIdentity(uid?: number): QueryAnswer<'identity'> {
  const own = process.getuid?.() ?? 0
  const wanted = uid ?? own
  const account = readTable('/etc/passwd').find(([, , id]) => id === String(wanted))
  const user = account?.[0] ?? String(wanted)
  const ids = wanted === own ? ownGroupIds() : [Number(account?.[3])]
  const groups = readTable('/etc/group').filter(
    ([, , id, members]) => ids.includes(Number(id)) || (wanted !== own && (members ?? '').split(',').includes(user)),
  )
  return { available: true, uid: wanted, user, groups: groups.map(([name]) => name ?? '').sort() }
}

function ownGroupIds(): readonly number[] {
  const effective = process.getegid?.()
  return [...(process.getgroups?.() ?? []), ...(effective === undefined ? [] : [effective])]
}

function readTable(path: string): readonly (readonly string[])[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(':'))
  } catch {
    return []
  }
}
