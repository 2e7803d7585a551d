import { lstatSync, readlinkSync, realpathSync } from 'node:fs'
import { posix } from 'node:path'
import type { UnreadableReason } from '../contract/host.js'
import { MAXIMUM_LINKS, resolveLinkTarget } from './host-path.js'

/** Where a path of a tree really lies: the path within the root with all links followed, or why there is none. */
export type TreeLocation =
  | { readonly real: string; readonly unreadable?: undefined }
  | { readonly real?: undefined; readonly unreadable: UnreadableReason }

/**
 * Follows a path component by component, so that no link of a hostile tree leads out of it.
 * @param root directory of the tree, no trailing slash
 * @param path normalised absolute path within the tree
 * @param followLast false to stop at a link in the last component
 * @returns the real path within the tree; what does not exist resolves to where it would be
 */
export function locateInTree(root: string, path: string, followLast: boolean): TreeLocation {
  const quick = locateQuickly(root, path, followLast)
  return quick === undefined ? walk(root, path, followLast) : { real: quick }
}

// The operating system follows links faster. Its answer counts where it stays within the tree; an absolute link makes
// it leave, and then the walk decides.
function locateQuickly(root: string, path: string, followLast: boolean): string | undefined {
  const followed = followLast ? path : posix.dirname(path)
  try {
    const real = realpathSync.native(root + followed)
    if (real !== root && !real.startsWith(`${root}/`)) return undefined
    const inside = real === root ? '/' : real.slice(root.length)
    return followLast ? inside : posix.join(inside, posix.basename(path))
  } catch {
    return undefined
  }
}

function walk(root: string, path: string, followLast: boolean): TreeLocation {
  const pending = path.split('/').filter((part) => part !== '')
  let real = ''
  let links = 0
  while (pending.length > 0) {
    const part = pending.shift() ?? ''
    const candidate = `${real}/${part}`
    const isLast = pending.length === 0
    if ((isLast && !followLast) || !isLink(root + candidate)) {
      real = candidate
      continue
    }
    links += 1
    if (links > MAXIMUM_LINKS) return { unreadable: 'error' }
    const target = resolveLinkTarget(real, readlinkSync(root + candidate))
    if (target === undefined) return { unreadable: 'outside-root' }
    pending.unshift(...target.split('/').filter((name) => name !== ''))
    real = ''
  }
  return { real: real === '' ? '/' : real }
}

function isLink(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
}
