import { realpathSync } from 'node:fs'
import { join, sep } from 'node:path'
import type { ModuleSource } from '../contract/janus.js'
import type {
  CompletedCommand,
  CompletedModuleOption,
  CompletedOption,
  CompletedValues,
  PackageCompletion,
} from '../contract/package-completion.js'
import { COMMAND_NAME, KEBAB_CASE } from '../contract/patterns.js'
import type { AskingUser } from '../modules/asking-user.js'
import { isObject } from '../modules/package-file.js'
import { oneLine } from './manifest-entries.js'
import { type ManifestOfPackage, manifestsOfPackages } from './manifests-of-packages.js'
import { readJsonObject } from './read-json-object.js'

const MOST_ENTRIES = 500
const WORDS = /^[a-z][a-z0-9-]*( [a-z][a-z0-9-]*){0,4}$/
const FLAGS = /^(-[A-Za-z0-9], )?--[a-z][a-z0-9-]*( <[a-z0-9|=-]+(\.\.\.)?>)?$/
const OPTION_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,99}$/
const LITERAL = /^[A-Za-z0-9][A-Za-z0-9_.+-]{0,99}$/
const KINDS: ReadonlySet<string> = new Set<CompletedValues & string>([
  'file',
  'directory',
  'device',
  'group',
  'module',
  'profile',
  'transaction',
])

/**
 * What packages say of their commands and modules for the completion of a shell. Their files are untrusted: what is
 * malformed in them is passed over, and a package describes only commands that begin with one of its manifest and modules
 * of its own.
 */
export function packageCompletions(
  sources: readonly ModuleSource[],
  user: Pick<AskingUser, 'directories'>,
): readonly Required<PackageCompletion>[] {
  return manifestsOfPackages(sources, user).flatMap((found) => {
    const content = contentOf(found)
    return content === undefined ? [] : [completionIn(content, found.manifest)]
  })
}

function contentOf({ manifest, directory }: ManifestOfPackage): Readonly<Record<string, unknown>> | undefined {
  const { completion } = manifest
  if (typeof completion !== 'string' || completion.includes('\0')) return undefined
  try {
    const place = realpathSync(join(directory, completion))
    return place.startsWith(`${realpathSync(directory)}${sep}`) ? readJsonObject(place) : undefined
  } catch {
    return undefined
  }
}

function completionIn(
  content: Readonly<Record<string, unknown>>,
  manifest: ManifestOfPackage['manifest'],
): Required<PackageCompletion> {
  const names = listOf(manifest.commands).flatMap(({ name }) =>
    typeof name === 'string' && COMMAND_NAME.test(name) ? [name] : [],
  )
  const ids = new Set(
    listOf(manifest.modules).flatMap(({ id }) => (typeof id === 'string' && KEBAB_CASE.test(id) ? [id] : [])),
  )
  const modules = Object.entries(isObject(content.modules) ? content.modules : {}).filter(([id]) => ids.has(id))
  return {
    commands: listOf(content.commands)
      .map(commandIn)
      .filter((command) => command !== undefined)
      .filter(({ words }) => names.some((name) => words === name || words.startsWith(`${name} `))),
    modules: Object.fromEntries(
      modules.map(([id, options]) => [
        id,
        listOf(options)
          .map(moduleOptionIn)
          .filter((one) => one !== undefined),
      ]),
    ),
  }
}

function commandIn(value: Readonly<Record<string, unknown>>): CompletedCommand | undefined {
  const { words, summary } = value
  if (typeof words !== 'string' || !WORDS.test(words)) return undefined
  return {
    words,
    summary: summaryIn(summary),
    arguments: listOf(value.arguments).map((argument) => ({
      repeatable: argument.repeatable === true,
      ...valuesIn(argument.values),
    })),
    options: listOf(value.options)
      .map(optionIn)
      .filter((option) => option !== undefined),
  }
}

function optionIn({
  flags,
  summary,
  repeatable,
  values,
}: Readonly<Record<string, unknown>>): CompletedOption | undefined {
  if (typeof flags !== 'string' || flags.length > 200 || !FLAGS.test(flags)) return undefined
  return { flags, summary: summaryIn(summary), repeatable: repeatable === true, ...valuesIn(values) }
}

function moduleOptionIn({
  name,
  summary,
  values,
}: Readonly<Record<string, unknown>>): CompletedModuleOption | undefined {
  if (typeof name !== 'string' || !OPTION_NAME.test(name)) return undefined
  return { name, summary: summaryIn(summary), ...valuesIn(values) }
}

function valuesIn(values: unknown): { readonly values?: CompletedValues } {
  if (typeof values === 'string') return KINDS.has(values) ? { values: values as CompletedValues } : {}
  if (!Array.isArray(values)) return {}
  const literals = values.slice(0, MOST_ENTRIES).filter((value) => typeof value === 'string' && LITERAL.test(value))
  return { values: literals as readonly string[] }
}

function summaryIn(summary: unknown): string {
  return typeof summary === 'string' ? oneLine(summary) : ''
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.slice(0, MOST_ENTRIES).filter(isObject) : []
}
