import { readdirSync, readFileSync } from 'node:fs'

/** A process as proc(5) shows it. */
export interface ProcessEntry {
  readonly pid: number
  readonly parent: number
  readonly group: number
  /** Clock ticks since boot: tells it from another one that has its number later. */
  readonly startTime: string
}

const GROUP = 2
const START_TIME = 19
const GONE_STATES = ['Z', 'X', 'x']

/**
 * A process that runs; synchronous, because what is decided on it must not be old.
 * @returns undefined when there is none of that number, or it has ended and only waits to be reaped
 */
export function findProcess(pid: number): ProcessEntry | undefined {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return undefined
  }
  // The name is chosen by the process and may hold spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(') ') + 2).split(' ')
  const [state = '', parent] = fields
  const startTime = fields[START_TIME]
  if (startTime === undefined || GONE_STATES.includes(state)) return undefined
  return { pid, parent: Number(parent), group: Number(fields[GROUP]), startTime }
}

/** Every process that runs, by its number. */
export function readProcessTable(): ReadonlyMap<number, ProcessEntry> {
  const table = new Map<number, ProcessEntry>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const entry = findProcess(Number(name))
    if (entry !== undefined) table.set(entry.pid, entry)
  }
  return table
}

/** What a process started, and what that started, and so on: parents before their children. */
export function descendantsOf(
  table: ReadonlyMap<number, ProcessEntry>,
  root: number,
  spare: (entry: ProcessEntry) => boolean = () => false,
): readonly ProcessEntry[] {
  const children = new Map<number, ProcessEntry[]>()
  for (const entry of table.values()) {
    const siblings = children.get(entry.parent)
    if (siblings === undefined) children.set(entry.parent, [entry])
    else siblings.push(entry)
  }
  const found: ProcessEntry[] = []
  const ahead = [...(children.get(root) ?? [])]
  for (let entry = ahead.shift(); entry !== undefined; entry = ahead.shift()) {
    if (spare(entry)) continue
    found.push(entry)
    ahead.push(...(children.get(entry.pid) ?? []))
  }
  return found
}
