import { readFileSync, readlinkSync } from 'node:fs'

/**
 * File system types by mount id (unique on the machine), over the mount namespaces of all these processes.
 * @param pids process ids as text
 */
export function readMountTypes(pids: readonly string[]): ReadonlyMap<string, string> {
  const types = new Map<string, string>()
  const seen = new Set<string>()
  for (const pid of pids) {
    const namespace = attempt(() => readlinkSync(`/proc/${pid}/ns/mnt`))
    if (namespace === undefined || seen.has(namespace)) continue
    const table = attempt(() => readFileSync(`/proc/${pid}/mountinfo`, 'utf8'))
    if (table === undefined) continue
    seen.add(namespace)
    for (const line of table.split('\n')) {
      const id = line.split(' ', 1)[0]
      const type = / - (\S+) /.exec(line)?.[1]
      if (id !== undefined && type !== undefined) types.set(id, type)
    }
  }
  return types
}

function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
