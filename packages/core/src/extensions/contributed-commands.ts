import { readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ContributedCommand } from '../contract/contributed-command.js'
import type { ModuleSource } from '../contract/janus.js'
import { COMMAND_NAME } from '../contract/patterns.js'
import type { AskingUser } from '../modules/asking-user.js'
import { packageOfPlugAndPlay } from '../modules/plug-and-play-package.js'

/** Where packages that may add commands are installed: by whom does not matter for listing them. */
export type CommandSource = Extract<ModuleSource, { readonly kind: 'dependencies-of' | 'tree-of' | 'extensions' }>

const MOST_BYTES = 1_048_576
const LONGEST_SUMMARY = 500
const MOST_COMMANDS = 200

/**
 * The commands that packages add to `janus`. The first of a name wins. This is on the way to `--help`: a few small files
 * are read, without the schema library and without waiting.
 */
export function contributedCommands(
  sources: readonly ModuleSource[],
  { directories }: Pick<AskingUser, 'directories'>,
): readonly ContributedCommand[] {
  const commands = new Map<string, ContributedCommand>()
  const folders = sources.flatMap((source) => {
    if (source.kind === 'dependencies-of') return [dirname(source.packageJson)]
    return source.kind === 'extensions' ? directories.map(({ data }) => join(data, 'extensions')) : []
  })
  for (const folder of folders) {
    for (const name of Object.keys(objectIn(readJson(join(folder, 'package.json')), 'dependencies'))) {
      for (const command of commandsIn(folder, name))
        if (!commands.has(command.name)) commands.set(command.name, command)
    }
  }
  return [...commands.values()]
}

function commandsIn(folder: string, name: string): readonly ContributedCommand[] {
  for (const directory of placesOf(folder, name)) {
    const content = readJson(join(directory, 'package.json'))
    if (content === undefined) continue
    const listed = objectIn(content, 'janus').commands
    const commands = Array.isArray(listed) ? listed.slice(0, MOST_COMMANDS) : []
    return commands.flatMap((command: unknown) => commandOf(command, name, directory))
  }
  return []
}

function* placesOf(folder: string, name: string): Generator<string> {
  const unqualified = packageOfPlugAndPlay(folder, name)
  if (unqualified !== undefined) yield unqualified
  for (let above = folder; ; above = dirname(above)) {
    yield join(above, 'node_modules', name)
    if (above === dirname(above)) return
  }
}

function commandOf(value: unknown, source: string, directory: string): readonly ContributedCommand[] {
  if (!isObject(value)) return []
  const { name, summary, entry } = value
  if (typeof name !== 'string' || typeof summary !== 'string' || typeof entry !== 'string') return []
  if (!COMMAND_NAME.test(name) || name.length > 100 || entry.includes('\0')) return []
  return [{ name, summary: oneLine(summary), source, path: join(directory, entry) }]
}

/** It stands in a help text, which is printed as it is. */
function oneLine(summary: string): string {
  return summary.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, LONGEST_SUMMARY)
}

function readJson(path: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const text = readFileSync(realpathSync(path), 'utf8')
    const value: unknown = text.length > MOST_BYTES ? undefined : JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function objectIn(
  value: Readonly<Record<string, unknown>> | undefined,
  member: string,
): Readonly<Record<string, unknown>> {
  const inner = value?.[member]
  return isObject(inner) ? inner : {}
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
