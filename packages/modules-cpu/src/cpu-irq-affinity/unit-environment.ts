import { posix } from 'node:path'
import { configurationDirectories, findConfigurationFiles, type Host } from '@janus/core'

/** Files of a host, as far as units need them. */
export type UnitFiles = Pick<Host, 'readText' | 'list'>

/** The files of a host with others laid over them: what systemd would read once these are written. */
export function withFiles(host: UnitFiles, files: ReadonlyMap<string, string>): UnitFiles {
  return {
    async readText(path) {
      const value = files.get(path)
      return value === undefined ? host.readText(path) : { value }
    },
    async list(path) {
      const names = [...files.keys()].filter((one) => posix.dirname(one) === path).map((one) => posix.basename(one))
      const present = await host.list(path)
      return names.length === 0 ? present : { value: [...new Set([...(present.value ?? []), ...names])] }
    },
  }
}

/** What a service is started with. */
export interface UnitEnvironment {
  readonly variables: ReadonlyMap<string, string>
  /** Its `ExecStart=` lines. */
  readonly command: string
}

/**
 * Reads what systemd starts a service with: its file, the drop-ins in the order of their names, and the files that they name.
 * What a file of `EnvironmentFile=` says goes over `Environment=`, and a later file over an earlier one; what is unset comes
 * last (systemd.exec(5)).
 * @param unit its name, with `.service`
 */
export async function readUnitEnvironment(host: UnitFiles, unit: string): Promise<UnitEnvironment> {
  const lines = (await unitTexts(host, unit)).flatMap((text) => linesOf(text, ' '))
  const variables = new Map<string, string>()
  for (const word of valuesOf(lines, 'Environment').flatMap(splitWords)) assign(variables, word)
  for (const name of valuesOf(lines, 'EnvironmentFile')) {
    const text = (await host.readText(name.replace(/^-/, ''))).value ?? ''
    for (const [variable, value] of parseEnvironmentFile(text)) variables.set(variable, value)
  }
  for (const name of valuesOf(lines, 'UnsetEnvironment').flatMap(splitWords)) variables.delete(name)
  return { variables, command: valuesOf(lines, 'ExecStart').join('\n') }
}

/** The variables of a file that `EnvironmentFile=` names. */
export function parseEnvironmentFile(text: string): ReadonlyMap<string, string> {
  const variables = new Map<string, string>()
  for (const line of linesOf(text, '')) {
    const [, name, value = ''] = /^(\w+)\s*=\s*(.*)$/.exec(line) ?? []
    if (name !== undefined) variables.set(name, unquote(value))
  }
  return variables
}

/** A line for such a file that gives a variable exactly this value. */
export function environmentLine(name: string, value: string): string {
  return `${name}="${value.replace(/[\\"$`]/g, '\\$&')}"`
}

/** The unit of the first directory that has it, then its drop-ins (systemd.unit(5)). */
async function unitTexts(host: UnitFiles, unit: string): Promise<readonly string[]> {
  const directories = configurationDirectories('systemd/system')
  const texts: string[] = []
  for (const directory of directories) {
    const { value } = await host.readText(`${directory}/${unit}`)
    if (value === undefined) continue
    texts.push(value)
    break
  }
  const dropIns = directories.map((directory) => `${directory}/${unit}.d`)
  for (const { path } of await findConfigurationFiles(host, dropIns))
    texts.push((await host.readText(path)).value ?? '')
  return texts
}

/** A backslash ends a line that goes on, whatever comments come between (systemd.syntax(7)). */
function linesOf(text: string, glue: string): readonly string[] {
  const lines: string[] = []
  let begun = ''
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (/^[#;]/.test(line)) continue
    if (line.endsWith('\\')) {
      begun += `${line.slice(0, -1)}${glue}`
      continue
    }
    lines.push(`${begun}${line}`)
    begun = ''
  }
  return lines
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
