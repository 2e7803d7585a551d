import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, open, readlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { type PackageScope, type PackageTree, packageTrees, tooMuch } from '../modules/package-trees.js'

const MOST_BYTES = 512 * 1_048_576
const CHUNK = 1_048_576

/**
 * Digest over the files of a package, or of one file, a file of a tree of bash modules with the tree's `lib`: names,
 * contents and the executable bit; targets of links. With dependencies, over all that {@link packageTrees} finds.
 * @param path absolute, without links
 * @returns `sha256-` and base64
 * @throws JANUS_MODULE_INTEGRITY when a link leads out of it, or there is too much of it to look at; the errno error of a
 * file that cannot be read
 */
export async function packageDigest(path: string, scope: PackageScope): Promise<string> {
  const budget = { bytes: MOST_BYTES }
  const digests: string[] = []
  for await (const tree of packageTrees(path, scope)) digests.push(await digestOfTree(tree, budget))
  for (const library of await libraryOf(path)) {
    for await (const tree of packageTrees(library, { dependencies: false }))
      digests.push(await digestOfTree(tree, budget))
  }
  const [own = '', ...others] = digests
  if (others.length === 0) return own
  const sum = createHash('sha256').update(own)
  for (const other of others.sort()) sum.update(other)
  return `sha256-${sum.digest('base64')}`
}

interface Budget {
  bytes: number
}

async function digestOfTree({ path, entries }: PackageTree, budget: Budget): Promise<string> {
  const sum = createHash('sha256')
  for (const entry of entries) {
    if (entry.stat.isDirectory()) continue
    const kind = entry.stat.isSymbolicLink() ? 'link' : (entry.stat.mode & 0o111) === 0 ? 'file' : 'program'
    const content = kind === 'link' ? sha256(await readlink(entry.path)) : await digestOfFile(path, entry.path, budget)
    sum.update(JSON.stringify([kind, entry.name, content]))
  }
  return `sha256-${sum.digest('base64')}`
}

/** In pieces: a package may hold a file larger than memory. */
async function digestOfFile(package_: string, path: string, budget: Budget): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
  try {
    const { size } = await file.stat()
    const sum = createHash('sha256')
    const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(CHUNK, size + 1)))
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length)
      if (bytesRead === 0) return sum.digest('base64')
      budget.bytes -= bytesRead
      if (budget.bytes < 0) throw tooMuch(package_, `more than ${MOST_BYTES} bytes`)
      sum.update(buffer.subarray(0, bytesRead))
    }
  } finally {
    await file.close()
  }
}

/** What the modules of a tree share runs with each of them. */
async function libraryOf(path: string): Promise<readonly string[]> {
  if (!(await lstat(path)).isFile()) return []
  for (let above = dirname(path); above !== dirname(above); above = dirname(above)) {
    if (basename(above) !== 'modules') continue
    const library = join(dirname(above), 'lib')
    return lstat(library).then(
      () => [library],
      () => [],
    )
  }
  return []
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64')
}
