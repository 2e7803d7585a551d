import { posix } from 'node:path'
import type { Host } from '../../contract/host.js'
import { MAXIMUM_LINKS, normaliseHostPath, resolveLinkTarget } from '../../host/host-path.js'

/** What a path is once the changes laid so far have been made. */
export type OverlayNode =
  | {
      readonly type: 'file'
      readonly bytes: Uint8Array
      readonly mode: number
      readonly uid: number
      readonly gid: number
    }
  | { readonly type: 'attribute'; readonly text: string }
  | { readonly type: 'directory'; readonly mode: number; readonly uid: number; readonly gid: number }
  | { readonly type: 'link'; readonly target: string }
  | { readonly type: 'absent' }
  /**
   * A program will write it, or only the kernel will show it; nobody knows yet what, nor what lies below it. `exists`: it will
   * be there for certain.
   */
  | { readonly type: 'pending'; readonly by: 'program' | 'kernel'; readonly exists: boolean }
  /** A program will rewrite it, and what it says can be foreseen, while its exact bytes, mode and owner cannot. */
  | { readonly type: 'foreseen'; readonly bytes: Uint8Array }

/** Where a path leads. */
export interface Place {
  /** Without links. */
  readonly path: string
  readonly node?: OverlayNode | undefined
  /** True when the way to it leads over a link or directory that is laid, so that the host below does not know it by this name. */
  readonly isLaid: boolean
}

/** Paths that changes have made different from the host below. */
export interface OverlayTree {
  readonly isEmpty: boolean
  /** Follows links of both, and the last one too unless told otherwise; undefined when they lead in circles. */
  locate(path: string, followLast?: boolean): Promise<Place | undefined>
  /** Makes the path, without following a link at its end, what the node says. */
  put(path: string, node: OverlayNode): Promise<void>
  /** Names that are laid in a directory. @param directory as {@link locate} gives it */
  childrenOf(directory: string): ReadonlyMap<string, OverlayNode>
}

/** Makes an empty overlay of a host. */
export function createOverlayTree(below: Host): OverlayTree {
  const nodes = new Map<string, OverlayNode>()
  const children = new Map<string, Map<string, OverlayNode>>()
  const links = new Map<string, Promise<string | undefined>>()
  /** Where directories lead; forgotten with every change. */
  const directories = new Map<string, Promise<Place | undefined>>()

  function linkBelow(path: string): Promise<string | undefined> {
    const known = links.get(path)
    if (known !== undefined) return known
    const target = below.readLink(path).then(({ value }) => value)
    links.set(path, target)
    return target
  }

  function directory(path: string, budget: number): Promise<Place | undefined> {
    const known = directories.get(path)
    if (known !== undefined) return known
    const place = walk(path, true, budget)
    directories.set(path, place)
    return place
  }

  async function walk(path: string, followLast: boolean, budget: number): Promise<Place | undefined> {
    if (budget < 0) return undefined
    if (path === '/') return { path, isLaid: false }
    const parent = await directory(posix.dirname(path), budget)
    if (parent === undefined || parent.node?.type === 'absent') return parent
    const real = posix.join(parent.path, posix.basename(path))
    const node = nodes.get(real)
    if (node?.type === 'link' && followLast) {
      const target = resolveLinkTarget(parent.path, node.target)
      const place = target === undefined ? undefined : await walk(target, true, budget - 1)
      return place === undefined ? undefined : { ...place, isLaid: true }
    }
    if (node !== undefined) return { path: real, node, isLaid: true }
    if (parent.node?.type === 'pending') return { path: real, node: { ...parent.node, exists: false }, isLaid: true }
    // What lies in a directory that is new is laid, or is not there; below a file there is nothing.
    if (parent.node !== undefined) return { path: real, node: { type: 'absent' }, isLaid: true }
    const target = followLast ? await linkBelow(real) : undefined
    if (target === undefined) return { path: real, isLaid: parent.isLaid }
    const place = await walk(target, true, budget - 1)
    return place === undefined ? undefined : { ...place, isLaid: place.isLaid || parent.isLaid }
  }

  async function locate(path: string, followLast = true): Promise<Place | undefined> {
    const normalised = normaliseHostPath(path)
    return normalised === undefined ? undefined : walk(normalised, followLast, MAXIMUM_LINKS)
  }

  return {
    get isEmpty() {
      return nodes.size === 0
    },
    locate,
    async put(path, node) {
      const place = await locate(path, false)
      const real = place?.path ?? path
      nodes.set(real, node)
      const siblings = children.get(posix.dirname(real)) ?? new Map<string, OverlayNode>()
      siblings.set(posix.basename(real), node)
      children.set(posix.dirname(real), siblings)
      directories.clear()
    },
    childrenOf: (path) => children.get(path) ?? new Map(),
  }
}
