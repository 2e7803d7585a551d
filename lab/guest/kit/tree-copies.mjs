import { cpSync, existsSync, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'

const COPIES = '/run/tree-copies'

/**
 * Copies of these folders under a name, to bring them back as they were: faster than to have Janus make them so. A folder may
 * be a mount point, and may be absent.
 */
export function treeCopies(trees) {
  const saved = new Set()
  return {
    /** Keeps what they hold now; what is kept under the name already stays. */
    save(name) {
      if (saved.has(name)) return
      saved.add(name)
      for (const tree of trees) copy(tree, `${COPIES}/${name}${tree}`)
    },
    bring(name) {
      for (const tree of trees) {
        empty(tree)
        copy(`${COPIES}/${name}${tree}`, tree)
      }
    },
  }
}

function copy(from, to) {
  if (!existsSync(from)) return
  mkdirSync(dirname(to), { recursive: true })
  cpSync(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
}

function empty(tree) {
  if (!existsSync(tree)) return
  const isMountPoint = lstatSync(tree).dev !== lstatSync(dirname(tree)).dev
  if (!isMountPoint) return rmSync(tree, { recursive: true })
  for (const name of readdirSync(tree)) rmSync(`${tree}/${name}`, { recursive: true })
}
