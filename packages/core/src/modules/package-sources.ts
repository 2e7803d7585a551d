import { access, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { janusError } from '../errors/janus-error.js'
import type { DiscoveredModule } from './discovered-module.js'
import { type InstallationKind, installationTree } from './installation-tree.js'
import { installedPackage } from './installed-package.js'
import type { Origin } from './module-policy.js'
import { dependencyNames, type PackageFile, readPackageFile } from './package-file.js'
import { problemAt } from './problem-at.js'

/** Packages that a source leads to; modules or none. */
export interface SourcePackages {
  readonly packages: readonly PackageFile[]
  /** How modules in them came to be found. */
  readonly origin: Origin
  readonly problem?: DiscoveredModule
}

/**
 * The packages that a package.json depends on, or, for `tree-of`, that were installed with the program it belongs to.
 * Without Yarn's loader, those of a Plug'n'Play project cannot be seen: that is a problem, not an empty list.
 */
export async function packagesBelow(packageJson: string, kind: 'dependencies-of' | 'tree-of'): Promise<SourcePackages> {
  const anchor = await readPackageFile(dirname(packageJson))
  if (anchor === undefined) return { packages: [], origin: 'own', problem: unreadableSource(packageJson) }
  const found =
    kind === 'tree-of'
      ? await treeOf(anchor)
      : { packages: await dependenciesOf(anchor, dependencyNames(anchor)), origin: 'own' as const }
  const plugAndPlay = found.packages.length === 0 ? await plugAndPlayAbove(anchor.directory) : undefined
  return plugAndPlay === undefined ? found : { ...found, problem: plugAndPlay }
}

/** The packages of these names, as an import from the directory of a package finds them. */
export async function dependenciesOf(
  { directory }: PackageFile,
  names: readonly string[],
): Promise<readonly PackageFile[]> {
  const files = await Promise.all(names.map((name) => installedPackage(directory, name)))
  return files.filter((file) => file !== undefined)
}

/** A path that was to be a package.json and is none. */
export function unreadableSource(path: string): DiscoveredModule {
  return problemAt(path, janusError('JANUS_FILE_INVALID', `${path} is not a package.json that can be read`))
}

/** In a Plug'n'Play project nothing is installed in folders: without its loader, an empty list would be a lie. */
export async function plugAndPlayAbove(directory: string): Promise<DiscoveredModule | undefined> {
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

const ORIGINS: Readonly<Record<InstallationKind, Origin>> = {
  workspace: 'own',
  'asked-for': 'named',
  project: 'present',
}

/** What runs and what was installed with it. */
async function treeOf(anchor: PackageFile): Promise<SourcePackages> {
  const tree = await installationTree(anchor.directory)
  if (tree === undefined) return { packages: [], origin: 'present' }
  const { project, directories = [] } = tree
  const packages =
    project === undefined
      ? await readPackages(directories)
      : await dependenciesOf(project, dependencyNames(project, { development: true }))
  return { packages, origin: ORIGINS[tree.kind] }
}

async function readPackages(directories: readonly string[]): Promise<readonly PackageFile[]> {
  const files = await Promise.all(directories.map(readPackageFile))
  return files.filter((file) => file !== undefined)
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(await realpath(path))
    return true
  } catch {
    return false
  }
}
