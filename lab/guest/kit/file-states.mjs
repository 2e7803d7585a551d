import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'

/**
 * One line for each of these paths and for everything below these folders, without times and without following links:
 * what must be the same again after an undo. `absent` where there is nothing.
 */
export function fileStates(paths, trees = []) {
  const found = {}
  const visit = (path, isDeep) => {
    const stat = lstatSync(path, { throwIfNoEntry: false })
    found[path] = stat === undefined ? 'absent' : describe(path, stat)
    if (isDeep && stat?.isDirectory()) for (const name of readdirSync(path).sort()) visit(`${path}/${name}`, true)
  }
  for (const path of paths) visit(path, false)
  for (const path of trees) visit(path, true)
  return found
}

function describe(path, stat) {
  const owner = `${stat.mode.toString(8)} ${stat.uid}:${stat.gid}`
  if (stat.isSymbolicLink()) return `${owner} link to ${readlinkSync(path)}`
  if (stat.isDirectory()) return `${owner} folder`
  if (!stat.isFile()) return `${owner} special`
  return `${owner} ${stat.size} bytes ${createHash('sha256').update(readFileSync(path)).digest('hex')}`
}
