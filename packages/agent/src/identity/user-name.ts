import { readFile } from 'node:fs/promises'

/**
 * The name of a local user, for people: names identify nobody.
 * @param passwd path of passwd(5)
 * @returns the number, in digits, when it has no name there
 */
export async function userName(uid: number, passwd = '/etc/passwd'): Promise<string> {
  const text = await readFile(passwd, 'utf8').catch(() => '')
  for (const line of text.split('\n')) {
    const [name, , number] = line.split(':')
    if (name !== undefined && name !== '' && number === String(uid)) return name
  }
  return String(uid)
}
