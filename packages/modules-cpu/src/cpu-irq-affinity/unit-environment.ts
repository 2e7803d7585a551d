import type { Host } from '@janus/core'

/** Where systemd looks for units: the first that has a file of a name wins (systemd.unit(5)). */
const DIRECTORIES = ['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib'].map((top) => `${top}/systemd/system`)
const MOST_FILES = 64

/** What a service is started with. */
export interface UnitEnvironment {
  readonly variables: ReadonlyMap<string, string>
  /** Its `ExecStart=` lines. */
  readonly command: string
}

/**
 * Reads what systemd starts a service with: its file, the drop-ins in the order of their names, and the files that they name.
 * What a file of `EnvironmentFile=` says goes over `Environment=`, and a later file over an earlier one (systemd.exec(5)).
 * @param unit its name, with `.service`
 */
export async function readUnitEnvironment(host: Host, unit: string): Promise<UnitEnvironment> {
  const lines = (await unitTexts(host, unit)).flatMap((text) => text.split('\n').map((line) => line.trim()))
  const variables = new Map<string, string>()
  for (const word of valuesOf(lines, 'Environment').flatMap(splitWords)) assign(variables, word)
  for (const name of valuesOf(lines, 'EnvironmentFile')) {
    const text = (await host.readText(name.replace(/^-/, ''))).value ?? ''
    for (const [variable, value] of parseEnvironmentFile(text)) variables.set(variable, value)
  }
  return { variables, command: valuesOf(lines, 'ExecStart').join('\n') }
}

/** The variables of a file that `EnvironmentFile=` names. */
export function parseEnvironmentFile(text: string): ReadonlyMap<string, string> {
  const variables = new Map<string, string>()
  for (const line of text.split('\n').map((one) => one.trim())) {
    const [, name, value = ''] = /^(\w+)\s*=\s*(.*)$/.exec(line) ?? []
    if (name !== undefined) variables.set(name, unquote(value))
  }
  return variables
}

/** A line for such a file that gives a variable exactly this value. */
export function environmentLine(name: string, value: string): string {
  return `${name}="${value.replace(/[\\"$`]/g, '\\$&')}"`
}

async function unitTexts(host: Host, unit: string): Promise<readonly string[]> {
  const dropIns = new Map<string, string>()
  let own: string | undefined
  for (const directory of DIRECTORIES) {
    own ??= (await host.readText(`${directory}/${unit}`)).value
    const names = ((await host.list(`${directory}/${unit}.d`)).value ?? []).filter((name) => name.endsWith('.conf'))
    for (const name of names.slice(0, MOST_FILES)) {
      const text = dropIns.has(name) ? undefined : (await host.readText(`${directory}/${unit}.d/${name}`)).value
      if (text !== undefined) dropIns.set(name, text)
    }
  }
  const sorted = [...dropIns].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, text]) => text)
  return own === undefined ? sorted : [own, ...sorted]
}

/** Lists add up; an empty one forgets what was said before. */
function valuesOf(lines: readonly string[], key: string): readonly string[] {
  const values: string[] = []
  for (const line of lines) {
    const value = line.startsWith(`${key}=`) ? line.slice(key.length + 1).trim() : undefined
    if (value === '') values.length = 0
    else if (value !== undefined) values.push(value)
  }
  return values
}

function splitWords(text: string): readonly string[] {
  return (text.match(/(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s"'])+/g) ?? []).map(unquote)
}

function unquote(text: string): string {
  return text.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'/g, (_, double?: string, single?: string) =>
    double === undefined ? (single ?? '') : double.replace(/\\(.)/g, '$1'),
  )
}

function assign(variables: Map<string, string>, word: string): void {
  const [, name, value = ''] = /^(\w+)=([\s\S]*)$/.exec(word) ?? []
  if (name !== undefined) variables.set(name, value)
}
