import { realpath, stat } from 'node:fs/promises'
import { basename, dirname, extname, isAbsolute, join, resolve } from 'node:path'
import type { Diagnostic } from '../contract/diagnostic.js'
import type { FoundTool } from '../contract/found-tool.js'
import type { ModuleSource } from '../contract/janus.js'
import type { ManifestTool, ToolManifest } from '../contract/tool.js'
import { diagnosticOf, janusError } from '../errors/janus-error.js'
import { extensionDirectory, extensionNames } from '../extensions/extension-directory.js'
import type { AskingUser } from '../modules/asking-user.js'
import { readConfigFile } from '../modules/config-file.js'
import type { DiscoveredModule } from '../modules/discovered-module.js'
import { installedPackage } from '../modules/installed-package.js'
import { type Claim, createModulePolicy, type Origin, weighClaims } from '../modules/module-policy.js'
import { isPackageName, type PackageFile, readPackageFile } from '../modules/package-file.js'
import { dependenciesOf, packagesBelow } from '../modules/package-sources.js'
import { readPins } from '../modules/pins.js'
import { toolsOfPackage } from '../modules/read-manifest.js'

/** A package that a source leads to, and how it came to be found. */
interface SourcePackage {
  readonly file: PackageFile
  readonly origin: Origin
}

const NODE_FILES = new Set(['.js', '.mjs', '.cjs'])

/**
 * Finds the tools that packages of these sources bring, by the rules that decide over modules: a package counts when the program brings it, the user named it, or installed
 * and pinned it, and as root only when nobody else could have written it. Only data is read.
 */
export async function discoverTools(sources: readonly ModuleSource[], user: AskingUser): Promise<readonly FoundTool[]> {
  const { pinOf } = await readPins(sources, user)
  const decide = createModulePolicy(user, pinOf)
  const fallbacks = user.directories.map(extensionDirectory)
  const claims = new Map<string, { readonly tool: ManifestTool; readonly claims: Claim[] }>()
  for (const source of sources) {
    for (const { file, origin } of await packagesOf(source, user, fallbacks)) {
      for (const tool of toolsOfPackage(file)) {
        const key = `${file.directory}\0${tool.name}`
        const known = claims.get(key) ?? { tool, claims: [] }
        known.claims.push({ module: subjectOf(file, tool), origin })
        claims.set(key, known)
      }
    }
  }
  return Promise.all(
    [...claims.values()].map(async ({ tool, claims: all }) => foundTool(tool, await decide(weighClaims(all)))),
  )
}

async function packagesOf(
  source: ModuleSource,
  user: AskingUser,
  fallbacks: readonly string[],
): Promise<readonly SourcePackage[]> {
  switch (source.kind) {
    case 'package':
      return named(await packageAt(source.path))
    case 'named':
      return named(await packageNamed(source.name, source.from, fallbacks))
    case 'config':
      return (await Promise.all(configFiles(source.path, user).map((path) => ofConfig(path, user, fallbacks)))).flat()
    case 'extensions':
      return (await Promise.all(fallbacks.map(ofExtensions))).flat()
    case 'dependencies-of':
    case 'tree-of': {
      const { packages, origin } = await packagesBelow(source.packageJson, source.kind)
      return packages.map((file) => ({ file, origin }))
    }
    case 'module':
    case 'project':
      // What lies in a project may be anybody's: an agent takes no tool from there.
      return []
  }
}

function named(file: PackageFile | undefined): readonly SourcePackage[] {
  return file === undefined ? [] : [{ file, origin: 'named' }]
}

async function packageNamed(
  name: string,
  from: string,
  fallbacks: readonly string[],
): Promise<PackageFile | undefined> {
  if (!isPackageName(name)) return packageAt(isAbsolute(name) ? name : resolve(from, name))
  for (const directory of [from, ...fallbacks]) {
    const file = await installedPackage(directory, name)
    if (file !== undefined) return file
  }
  return undefined
}

async function packageAt(path: string): Promise<PackageFile | undefined> {
  return readPackageFile(basename(path) === 'package.json' ? dirname(path) : path)
}

function configFiles(path: string | undefined, user: AskingUser): readonly string[] {
  return path === undefined ? user.directories.map(({ config }) => join(config, 'config.json')) : [path]
}

/** A file that cannot be read costs a row among the modules, which says so. */
async function ofConfig(
  path: string,
  user: AskingUser,
  fallbacks: readonly string[],
): Promise<readonly SourcePackage[]> {
  const modules = await readConfigFile(path, user).catch(() => [])
  const files = await Promise.all(modules.map(({ module }) => packageNamed(module, dirname(path), fallbacks)))
  return files.flatMap(named)
}

async function ofExtensions(directory: string): Promise<readonly SourcePackage[]> {
  const file = await readPackageFile(directory)
  const packages = file === undefined ? [] : await dependenciesOf(file, extensionNames(file))
  return packages.map((each) => ({ file: each, origin: 'extension' }))
}

/** A tool as the policy over modules sees it: a program of a package. */
function subjectOf({ content, directory }: PackageFile, { name, entry }: ManifestTool): DiscoveredModule {
  const source = isPackageName(content.name) ? content.name : 'without-a-name'
  const version = String(content.version).slice(0, 100)
  const code = { directory, entry: entry ?? 'package.json', kind: 'command' as const }
  return { id: name, type: 'tool', version, source, path: join(directory, code.entry), code, diagnostics: [] }
}

async function foundTool(tool: ManifestTool, decided: DiscoveredModule): Promise<FoundTool> {
  const { source, version, diagnostics, standing, code } = decided
  const directory = code?.directory ?? ''
  const [{ command, problem: ofCommand }, { command: probe, problem: ofProbe }] = await Promise.all([
    commandOf(tool, directory),
    probeOf(tool, directory),
  ])
  const problem = ofCommand ?? ofProbe
  const all = problem === undefined ? diagnostics : [...diagnostics, { ...problem, module: tool.name }]
  const isBlocked = all.some(({ severity }) => severity === 'error')
  const { entry: _, probe: __, ...declared } = tool
  const manifest: ToolManifest = { ...declared, command, ...(probe.length === 0 ? {} : { probe }) }
  const status = isBlocked ? 'blocked' : (standing ?? 'enabled')
  return { source, version, directory, manifest, status, diagnostics: all }
}

/** A command, and why it cannot be run. */
interface OwnCommand {
  readonly command: readonly string[]
  readonly problem?: Diagnostic
}

async function probeOf({ probe = [], name }: ManifestTool, directory: string): Promise<OwnCommand> {
  const [program = '', ...words] = probe
  if (!program.startsWith('./')) return { command: probe }
  const own = await commandOf({ entry: program, name }, directory)
  return { ...own, command: [...own.command, ...words] }
}

async function commandOf(
  { entry, command, name }: Pick<ManifestTool, 'entry' | 'command' | 'name'>,
  directory: string,
): Promise<OwnCommand> {
  if (entry === undefined) return { command: command ?? [] }
  const path = await realpath(join(directory, entry)).catch(() => undefined)
  const broken = (what: string): Diagnostic =>
    diagnosticOf(janusError('JANUS_MODULE_MANIFEST_INVALID', `the entry ${entry} of the tool ${name} ${what}`))
  if (path === undefined) return { command: [], problem: broken('does not exist') }
  if (!path.startsWith(`${directory}/`)) return { command: [path], problem: broken('lies outside of its package') }
  if (NODE_FILES.has(extname(path))) return { command: [process.execPath, path] }
  const stats = await stat(path)
  if (!stats.isFile() || (stats.mode & 0o111) === 0)
    return { command: [path], problem: broken('is not a file that can be executed') }
  return { command: [path] }
}
