import { readFile } from 'node:fs/promises'

/**
 * True when a group has no member but one user, as far as /etc/passwd and /etc/group tell: then group-writable means no
 * more than user-writable (user private groups, the default of Debian, Ubuntu and Fedora). A group that only a
 * directory service knows is never private.
 * @param gid the group
 * @param uid the one user who may be in it, besides root
 * @param directory where `passwd` and `group` lie
 */
export async function isPrivateGroup(gid: number, uid: number, directory = '/etc'): Promise<boolean> {
  const [passwd, groups] = await Promise.all([fieldsOf(`${directory}/passwd`), fieldsOf(`${directory}/group`)])
  const group = groups.find((fields) => fields[2] === String(gid))
  if (group === undefined) return false
  const users = new Map(passwd.map((fields) => [fields[0] ?? '', fields]))
  const isAllowed = (fields: readonly string[] | undefined): boolean =>
    fields?.[2] === String(uid) || fields?.[2] === '0'
  const named = (group[3] ?? '').split(',').filter((name) => name !== '')
  const primary = passwd.filter((fields) => fields[3] === String(gid))
  return named.every((name) => isAllowed(users.get(name))) && primary.every(isAllowed)
}

async function fieldsOf(path: string): Promise<readonly (readonly string[])[]> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(':'))
}
