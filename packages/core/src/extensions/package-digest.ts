import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, open, readdir, readlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { janusError } from '../errors/janus-error.js'
import { installedPackage } from '../modules/installed-package.js'
import { dependencyNames, readPackageFile } from '../modules/package-file.js'

const MOST_FILES = 20_000
const MOST_BYTES = 512 * 1_048_576
const MOST_PACKAGES = 2_000
const CHUNK = 1_048_576

/** How much of a package counts. */
export interface DigestScope {
  /** Whether what it depends on counts too, as Node finds it: all that runs when it runs. */
  readonly dependencies: boolean
}

/**
 * Digest over the files of a package, or of one file, a file of a tree of bash modules with the tree's `lib`: names, contents and the executable bit; targets of links. What it
 * brings in `node_modules` counts as dependencies.
 * @param path absolute, without links
 * @returns `sha256-` and base64
 * @throws JANUS_MODULE_INTEGRITY when there is too much of it to look at; the errno error of a file that cannot be read
 */
export async function packageDigest(path: string, scope: DigestScope): Promise<string> {
  const budget = { files: MOST_FILES, bytes: MOST_BYTES }
  const own = await digestOfTree(path, budget)
  const beside = scope.dependencies ? await closureOf(path) : []
  const others = await Promise.all(
    [...beside, ...(await libraryOf(path))].map((directory) => digestOfTree(directory, budget)),
  )
  if (others.length === 0) return own
  const sum = createHash('sha256').update(own)
  for (const other of others.sort()) sum.update(other)
  return `sha256-${sum.digest('base64')}`
}

interface Budget {
  files: number
  bytes: number
}

async function digestOfTree(path: string, budget: Budget): Promise<string> {
  const sum = createHash('sha256')
  const walk = async (current: string, name: string): Promise<void> => {
    const stat = await lstat(current)
    budget.files -= 1
    if (budget.files < 0) throw tooMuch(path, `more than ${MOST_FILES} files`)
    if (stat.isDirectory()) {
      for (const inner of (await readdir(current)).sort()) {
        if (inner === 'node_modules' || inner === '.git') continue
        await walk(join(current, inner), name === '' ? inner : `${name}/${inner}`)
      }
      return
    }
    const kind = stat.isSymbolicLink() ? 'link' : (stat.mode & 0o111) === 0 ? 'file' : 'program'
    const content = kind === 'link' ? sha256(await readlink(current)) : await digestOfFile(path, current, budget)
    sum.update(JSON.stringify([kind, name, content]))
  }
  await walk(path, '')
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

/** Directories of the packages that a package needs, and those need, as Node finds them. */
async function closureOf(directory: string): Promise<readonly string[]> {
  const seen = new Set<string>([directory])
  const pending = [directory]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const file = await readPackageFile(next)
    if (file === undefined) continue
    const found = await Promise.all(dependencyNames(file).map((name) => installedPackage(file.directory, name)))
    for (const dependency of found) {
      if (dependency === undefined || seen.has(dependency.directory)) continue
      if (seen.size >= MOST_PACKAGES) throw tooMuch(directory, `more than ${MOST_PACKAGES} dependencies`)
      seen.add(dependency.directory)
      pending.push(dependency.directory)
    }
  }
  seen.delete(directory)
  return [...seen]
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

function tooMuch(path: string, what: string): Error {
  return janusError('JANUS_MODULE_INTEGRITY', `${path} holds ${what}, which is too much to be pinned`, {
    data: { path },
  })
}
