import type { Host } from '@janus/core'

/** What os-release(5) says, as far as packages go by it. */
export interface OperatingSystem {
  /** File it was read from. */
  readonly path: string
  readonly prettyName: string | undefined
  /** ID and ID_LIKE, lower case, the most specific first. */
  readonly families: readonly string[]
}

const PATHS = ['/etc/os-release', '/usr/lib/os-release'] as const

/** Reads os-release as data: it is shell syntax, and is never run. */
export async function readOperatingSystem(host: Host): Promise<OperatingSystem | undefined> {
  for (const path of PATHS) {
    const text = (await host.readText(path)).value
    if (text === undefined) continue
    const fields = parseOsRelease(text)
    const families = [fields.get('ID'), ...(fields.get('ID_LIKE') ?? '').split(/\s+/)]
    return {
      path,
      prettyName: fields.get('PRETTY_NAME') ?? fields.get('NAME'),
      families: families.flatMap((family) => (family === undefined || family === '' ? [] : [family.toLowerCase()])),
    }
  }
  return undefined
}

/** Parses the assignments of os-release(5): `NAME=value`, quoted or not, with the escapes of a shell. */
export function parseOsRelease(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, name, value] = /^\s*([A-Z][A-Z0-9_]*)=(.*?)\s*$/.exec(line) ?? []
    if (name !== undefined && value !== undefined) fields.set(name, unquote(value))
  }
  return fields
}

function unquote(value: string): string {
  const [, single] = /^'([^']*)'$/.exec(value) ?? []
  if (single !== undefined) return single
  const [, double] = /^"((?:[^"\\]|\\.)*)"$/.exec(value) ?? []
  return (double ?? value).replace(/\\(.)/g, '$1')
}
