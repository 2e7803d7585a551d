import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { repository } from '../scripts/workspace.js'

const UNTRACKED = new Set(['node_modules', 'dist', '.git', 'api', 'coverage'])

/** A text file of the repository. */
export interface RepositoryFile {
  /** Relative to the root of the repository. */
  readonly path: string
  readonly text: string
}

/** All files below a folder whose name ends so, what is built or installed left out. */
export async function repositoryFiles(folder: string, ending: string): Promise<readonly RepositoryFile[]> {
  const paths = await pathsBelow(join(repository, folder))
  const wanted = paths.filter((path) => path.endsWith(ending)).sort()
  return await Promise.all(
    wanted.map(async (path) => ({ path: relative(repository, path), text: await readFile(path, 'utf8') })),
  )
}

async function pathsBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const nested = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return UNTRACKED.has(entry.name) ? [] : await pathsBelow(path)
      return entry.isFile() ? [path] : []
    }),
  )
  return nested.flat()
}
