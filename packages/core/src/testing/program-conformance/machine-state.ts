import { createHash } from 'node:crypto'
import { lstat, readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'

/** What each path of a machine is and holds, in words. */
export type MachineState = Readonly<Record<string, string>>

/**
 * Takes a folder down: types, permission bits and contents. Times are left out.
 * @param except paths that are not looked at
 */
export async function readMachineState(root: string, except: readonly string[] = []): Promise<MachineState> {
  const state: Record<string, string> = {}
  const walk = async (path: string): Promise<void> => {
    const names = (await readdir(join(root, path))).sort()
    for (const name of names) {
      const below = `${path}/${name}`
      if (except.includes(below)) continue
      const stats = await lstat(join(root, below))
      const mode = (stats.mode & 0o7777).toString(8)
      if (stats.isDirectory()) {
        state[below] = `directory ${mode}`
        await walk(below)
      } else if (stats.isSymbolicLink()) state[below] = `link to ${await readlink(join(root, below))}`
      else if (stats.isFile()) state[below] = `file ${mode} ${await contentOf(join(root, below))}`
      else state[below] = `special file ${mode}`
    }
  }
  await walk('')
  return state
}

async function contentOf(path: string): Promise<string> {
  const bytes = await readFile(path)
  const isShort = bytes.length <= 200 && !bytes.includes(0)
  return isShort ? JSON.stringify(bytes.toString('utf8')) : `sha256 ${createHash('sha256').update(bytes).digest('hex')}`
}
