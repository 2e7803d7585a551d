import { createHash } from 'node:crypto'
import { lstat, readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Lists everything below a path, one line each: name, type, mode, owner, modification and change time, and what it holds.
 * Two equal listings mean that nothing was written between them; access times are left out.
 */
export async function folderListing(root: string): Promise<readonly string[]> {
  const top = await describe(root, '.')
  if (top === undefined) return [`${root} is absent`]
  const names = await readdir(root, { recursive: true }).catch(() => [])
  const lines = await Promise.all(names.sort().map((name) => describe(join(root, name), name)))
  return [top, ...lines.filter((line) => line !== undefined)]
}

/** The lines that only one of two listings has. */
export function listingDifference(before: readonly string[], after: readonly string[]): readonly string[] {
  return [
    ...before.filter((line) => !after.includes(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
  ]
}

async function describe(path: string, name: string): Promise<string | undefined> {
  const found = await lstat(path, { bigint: true }).catch(() => undefined)
  if (!found) return undefined
  const holds = found.isSymbolicLink()
    ? await readlink(path)
    : found.isFile()
      ? createHash('sha256')
          .update(await readFile(path))
          .digest('hex')
      : ''
  return [name, found.mode.toString(8), found.uid, found.gid, found.size, found.mtimeNs, found.ctimeNs, holds].join(' ')
}
