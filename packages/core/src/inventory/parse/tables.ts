import { unescapeOctal } from './mountinfo.js'

/** One line of fstab(5). */
export interface FstabEntry {
  /** What is mounted: a path, `UUID=…`, `LABEL=…`, a server. */
  readonly source: string
  readonly mountPoint: string
  readonly type: string
  readonly options: readonly string[]
  /** Line number, from 1. */
  readonly line: number
}

/** Parses fstab(5). */
export function parseFstab(text: string): FstabEntry[] {
  return fieldsOf(text).flatMap(({ fields: [source, mountPoint, type, options], line }) => {
    if (source === undefined || mountPoint === undefined) return []
    const plain = source.replace(/^(\w+)=(["'])(.*)\2$/, '$1=$3')
    return [
      {
        source: unescapeOctal(plain),
        mountPoint: unescapeOctal(mountPoint),
        type: type ?? 'auto',
        options: (options ?? 'defaults').split(','),
        line,
      },
    ]
  })
}

/** One line of crypttab(5). */
export interface CrypttabEntry {
  /** Name of the mapping. */
  readonly name: string
  readonly source: string
  readonly options: readonly string[]
  readonly line: number
}

/** Parses crypttab(5). */
export function parseCrypttab(text: string): CrypttabEntry[] {
  return fieldsOf(text).flatMap(({ fields: [name, source, , options], line }) =>
    name === undefined || source === undefined ? [] : [{ name, source, options: (options ?? '').split(','), line }],
  )
}

/** Paths of the swap areas in use, from `/proc/swaps`. */
export function parseSwaps(text: string): string[] {
  const rows = text
    .split('\n')
    .slice(1)
    .filter((line) => line.trim() !== '')
  return rows.map((line) => unescapeOctal(line.split(/\s+/)[0] ?? ''))
}

/** What udev knows about a device: the `E:` lines of its file in `/run/udev/data`. */
export function parseUdevProperties(text: string): ReadonlyMap<string, string> {
  const properties = new Map<string, string>()
  for (const [, key, value] of text.matchAll(/^E:([A-Za-z0-9_.]+)=(.*)$/gm)) {
    if (key !== undefined && value !== undefined) properties.set(key, value)
  }
  return properties
}

function fieldsOf(text: string): { readonly fields: readonly string[]; readonly line: number }[] {
  const lines = text.split('\n').map((line, index) => ({ text: line.trim(), line: index + 1 }))
  return lines
    .filter(({ text: line }) => line !== '' && !line.startsWith('#'))
    .map(({ text: line, line: number }) => ({ fields: line.split(/\s+/), line: number }))
}
