import { posix } from 'node:path'

/** Links followed before a path counts as a loop, as in the kernel (path_resolution(7)). */
export const MAXIMUM_LINKS = 40

/**
 * Makes a path that a host is asked for safe to use: absolute, no `.` or `..`, no trailing slash, no NUL.
 * @param path path as the caller gave it
 * @returns the normalised path, or undefined when it is not an absolute path
 */
export function normaliseHostPath(path: string): string | undefined {
  if (!path.startsWith('/') || path.includes('\0')) return undefined
  const normalised = posix.normalize(path)
  return normalised.length > 1 && normalised.endsWith('/') ? normalised.slice(0, -1) : normalised
}

/**
 * Resolves the target of a link against the directory it lies in. An absolute target means the same root.
 * @param directory real directory of the link, absolute within the root
 * @param target target as stored in the link
 * @returns the absolute target, or undefined when it climbs above the root
 */
export function resolveLinkTarget(directory: string, target: string): string | undefined {
  if (target.startsWith('/')) return normaliseHostPath(target)
  const parts = directory.split('/').filter((part) => part !== '')
  for (const part of target.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return undefined
  }
  return `/${parts.join('/')}`
}

/** Sorts names by code point, so that a listing does not depend on the locale or the file system. */
export function sortByCodePoint(names: Iterable<string>): string[] {
  return [...names].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
}
