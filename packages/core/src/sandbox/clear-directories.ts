import { opendirSync, rmdirSync, unlinkSync } from 'node:fs'

/** Entries that are removed one after the other; of more it is cheaper to give up the file system that they lie in. */
const MOST_ENTRIES = 256
const DEEPEST = 16
const NAMES = 16

/**
 * Removes directories and what lies in them, which nobody writes into any more; it follows no link.
 * @param directory that they lie in
 * @returns false when there is too much, or something cannot be removed: some of it is left then
 */
export function clearDirectories(directory: string, names: readonly string[]): boolean {
  const left = { entries: MOST_ENTRIES }
  try {
    return names.every((name) => removeDirectory(`${directory}/${name}`, left, 0))
  } catch {
    return false
  }
}

function removeDirectory(path: string, left: { entries: number }, depth: number): boolean {
  if (depth > DEEPEST) return false
  const directory = opendirSync(path, { bufferSize: NAMES })
  try {
    for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) {
      left.entries -= 1
      if (left.entries < 0) return false
      const inside = `${path}/${entry.name}`
      if (!entry.isDirectory()) unlinkSync(inside)
      else if (!removeDirectory(inside, left, depth + 1)) return false
    }
  } finally {
    directory.closeSync()
  }
  // Fails where a name was passed over.
  rmdirSync(path)
  return true
}
