import * as fs from 'node:fs'

const { O_DIRECTORY, O_NOFOLLOW } = fs.constants
/** Of `asm-generic/fcntl.h`; node has no name for it. Such a descriptor needs only the right to search. */
const O_PATH = 0o10000000
const MOST_LINKS = 40
const STICKY = 0o1000

/** A directory that was reached safely: its entries are addressed by descriptor, whatever becomes of its path. */
export interface SafeDirectory {
  readonly descriptor: number
  /** Path of an entry, through the descriptor. */
  entry(name: string): string
}

/**
 * Opens a directory component by component and runs work in it, so that no other user can have put something else in
 * its place, neither before nor meanwhile. Links are followed only where they are trusted: a link belongs to root or
 * to us, and so does the directory it lies in, which nobody else may write (a sticky one protects its entries).
 * Directories of other users are entered, for their files may be what is to be changed.
 * @param path absolute
 * @throws with the code `EUNSAFE` and the path of the link for one that is not trusted; with the errno for what the kernel refuses
 */
export function inSafeDirectory<Result>(path: string, work: (directory: SafeDirectory) => Result): Result {
  const descriptor = walk(path)
  const prefix = `/proc/self/fd/${descriptor}/`
  try {
    return work({ descriptor, entry: (name) => prefix + name })
  } catch (error) {
    if (error instanceof Error) error.message = error.message.replaceAll(prefix, path === '/' ? '/' : `${path}/`)
    throw error
  } finally {
    fs.closeSync(descriptor)
  }
}

interface Place {
  readonly descriptor: number
  /** For messages. */
  readonly path: string
}

function walk(path: string): number {
  let current = openRoot()
  let ahead = namesOf(path)
  let links = 0
  try {
    while (ahead.length > 0) {
      const [name = '', ...rest] = ahead
      const target = linkTarget(current, name)
      if (target === undefined) {
        current = replace(current, openWithin(current, name))
        ahead = rest
        continue
      }
      links += 1
      if (links > MOST_LINKS) throw failure('ELOOP', `${pathOf(current, name)} is one of too many symbolic links`)
      if (target.startsWith('/')) current = replace(current, openRoot())
      ahead = [...namesOf(target), ...rest]
    }
    return current.descriptor
  } catch (error) {
    fs.closeSync(current.descriptor)
    throw error
  }
}

function openRoot(): Place {
  return { descriptor: fs.openSync('/', O_PATH | O_DIRECTORY), path: '' }
}

function replace(old: Place, next: Place): Place {
  fs.closeSync(old.descriptor)
  return next
}

/** What was no link a moment ago is refused if it has become one. */
function openWithin(place: Place, name: string): Place {
  const path = pathOf(place, name)
  try {
    const descriptor = fs.openSync(entryOf(place, name), O_PATH | O_DIRECTORY | O_NOFOLLOW)
    return { descriptor, path: name === '..' ? place.path.replace(/\/[^/]*$/, '') : path }
  } catch (error) {
    const { code = 'UNKNOWN' } = error as NodeJS.ErrnoException
    throw failure(code, `${code}: the directory ${path} cannot be entered`)
  }
}

function linkTarget(place: Place, name: string): string | undefined {
  const link = fs.lstatSync(entryOf(place, name), { throwIfNoEntry: false })
  if (link?.isSymbolicLink() !== true) return undefined
  const path = pathOf(place, name)
  if (!isOurs(link.uid)) throw failure('EUNSAFE', `${path} is a symbolic link of user ${link.uid}: it is not followed`)
  const directory = fs.fstatSync(place.descriptor)
  // Only where nobody else can exchange the link is what it was judged by what is read now.
  if (!isOurs(directory.uid) || isWritableByOthers(directory))
    throw failure('EUNSAFE', `${path} is a symbolic link that another user can exchange: it is not followed`)
  return fs.readlinkSync(entryOf(place, name))
}

function isOurs(uid: number): boolean {
  return uid === 0 || uid === process.geteuid?.()
}

function isWritableByOthers({ mode, gid }: fs.Stats): boolean {
  if ((mode & STICKY) !== 0) return false
  const isOwnGroup = gid === 0 || gid === process.getegid?.()
  return (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && !isOwnGroup)
}

function entryOf({ descriptor }: Place, name: string): string {
  return `/proc/self/fd/${descriptor}/${name}`
}

function pathOf(place: Place, name: string): string {
  return `${place.path}/${name}`
}

function namesOf(path: string): readonly string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.')
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}
