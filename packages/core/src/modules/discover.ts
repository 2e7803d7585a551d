import { access, realpath } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import type { ModuleSource } from '../contract/janus.js'
import { diagnosticOf, janusError } from '../errors/janus-error.js'
import type { DiscoveredModule } from './discovered-module.js'
import { installationTree } from './installation-tree.js'
import { moduleProblem } from './module-shape.js'
import { dependencyNames, type PackageFile, readPackageFile } from './package-file.js'
import { modulesOfPackage } from './read-manifest.js'

/**
 * Finds the modules that sources name, in their order. Only data is read: nothing is imported. A package that two sources
 * lead to is listed once.
 */
export async function discoverModules(sources: readonly ModuleSource[]): Promise<readonly DiscoveredModule[]> {
  const seen = new Set<string>()
  const modules: DiscoveredModule[] = []
  for (const source of sources) {
    if (source.kind === 'module') {
      modules.push(givenModule(source.module))
      continue
    }
    const { packages, problem } = await packagesOf(source)
    if (problem !== undefined) modules.push(problem)
    for (const file of packages) {
      if (seen.has(file.directory)) continue
      seen.add(file.directory)
      modules.push(...modulesOfPackage(file))
    }
  }
  return modules
}

interface SourcePackages {
  readonly packages: readonly PackageFile[]
  readonly problem?: DiscoveredModule
}

async function packagesOf(source: Exclude<ModuleSource, { kind: 'module' }>): Promise<SourcePackages> {
  if (source.kind === 'package') return namedPackage(source.path)
  const anchor = await readPackageFile(dirname(source.packageJson))
  if (anchor === undefined) return { packages: [], problem: unreadableSource(source.packageJson) }
  const packages =
    source.kind === 'dependencies-of' ? await dependenciesOf(anchor, dependencyNames(anchor)) : await treeOf(anchor)
  const plugAndPlay = packages.length === 0 ? await plugAndPlayAbove(anchor.directory) : undefined
  return plugAndPlay === undefined ? { packages } : { packages, problem: plugAndPlay }
}

async function namedPackage(path: string): Promise<SourcePackages> {
  const file = await readPackageFile(basename(path) === 'package.json' ? dirname(path) : path)
  if (file === undefined) return { packages: [], problem: unreadableSource(path) }
  if (modulesOfPackage(file).length > 0) return { packages: [file] }
  const message = `${path} brings no modules: its package.json has no janus field that names any`
  return { packages: [], problem: problemAt(path, janusError('JANUS_MODULE_MANIFEST_INVALID', message)) }
}

/** What runs and what was installed with it. */
async function treeOf(anchor: PackageFile): Promise<readonly PackageFile[]> {
  const tree = await installationTree(anchor.directory)
  if (tree === undefined) return []
  if (tree.kind === 'packages') return readPackages(tree.directories)
  return dependenciesOf(tree.project, dependencyNames(tree.project, { development: true }))
}

async function dependenciesOf(anchor: PackageFile, names: readonly string[]): Promise<readonly PackageFile[]> {
  const files = await Promise.all(names.map((name) => installedPackage(anchor, name)))
  return files.filter((file) => file !== undefined)
}

/** The way Node's import finds a package, without its `exports`: those may hide even its package.json. */
async function installedPackage({ directory }: PackageFile, name: string): Promise<PackageFile | undefined> {
  const paths = createRequire(join(directory, 'package.json')).resolve.paths(name) ?? []
  // NODE_PATH and the folders of the home directory are CommonJS only: an import would not look there.
  const above = paths.filter((path) => basename(path) === 'node_modules' && isAbove(dirname(path), directory))
  for (const path of above) {
    const file = await readPackageFile(join(path, name))
    if (file !== undefined) return file
  }
  return undefined
}

async function readPackages(directories: readonly string[]): Promise<readonly PackageFile[]> {
  const files = await Promise.all(directories.map(readPackageFile))
  return files.filter((file) => file !== undefined)
}

/** In a Plug'n'Play project nothing is installed in folders: without its loader, an empty list would be a lie. */
async function plugAndPlayAbove(directory: string): Promise<DiscoveredModule | undefined> {
  if (process.versions.pnp !== undefined) return undefined
  for (let above = directory; ; above = dirname(above)) {
    const loader = join(above, '.pnp.cjs')
    if (await exists(loader)) {
      const message = `${above} is a Yarn Plug'n'Play project, whose packages plain node cannot see (${loader})`
      return problemAt(above, janusError('JANUS_PNP_UNSUPPORTED', message))
    }
    if (above === dirname(above)) return undefined
  }
}

function givenModule(module: unknown): DiscoveredModule {
  const problem = moduleProblem(module)
  if (problem !== undefined) {
    const error = janusError('JANUS_MODULE_SHAPE_INVALID', `a module that was handed over is none: ${problem}`)
    return { id: 'given', type: 'unknown', version: 'unknown', source: 'given', diagnostics: [diagnosticOf(error)] }
  }
  const given = module as NonNullable<DiscoveredModule['module']>
  const { id, type, version } = given.metadata
  return { id, type, version, source: 'given', module: given, diagnostics: [] }
}

function unreadableSource(path: string): DiscoveredModule {
  return problemAt(path, janusError('JANUS_FILE_INVALID', `${path} is not a package.json that can be read`))
}

function problemAt(path: string, error: Error): DiscoveredModule {
  const diagnostics = [{ ...diagnosticOf(error), path }]
  return { id: basename(path), type: 'unknown', version: 'unknown', source: path, path, diagnostics }
}

function isAbove(upper: string, lower: string): boolean {
  return lower === upper || lower.startsWith(upper.endsWith('/') ? upper : `${upper}/`)
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(await realpath(path))
    return true
  } catch {
    return false
  }
}
