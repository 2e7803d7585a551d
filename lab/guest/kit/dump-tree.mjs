import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'

const skipped = /\/(driver_override|trace|tracing|debug|uevent|config|rom|resource\d+(_wc)?|vpd|remove|rescan|reset)$/

/** The folder as one flat object: path to text of a file, `{ link }` of a link, `{ unreadable }` where the kernel refuses. */
export function dumpTree(folder, { maxBytes = 16_384 } = {}) {
  const found = {}
  const walk = (path) => {
    let names
    try {
      names = readdirSync(path).sort()
    } catch {
      return
    }
    for (const name of names) visit(`${path}/${name}`)
  }
  const visit = (path) => {
    try {
      const stat = lstatSync(path)
      if (stat.isSymbolicLink()) found[path] = { link: readlinkSync(path) }
      else if (stat.isDirectory()) walk(path)
      else if (stat.isFile() && !skipped.test(path)) found[path] = readFileSync(path, 'latin1').slice(0, maxBytes)
    } catch (error) {
      found[path] = { unreadable: error.code ?? 'error' }
    }
  }
  walk(folder)
  return found
}
