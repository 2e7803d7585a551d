import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isObject, type PackageFile, readPackageFile } from './package-file.js'
import { workspaceMembers } from './workspace-members.js'

/** Who answers for what a program was installed with. */
export type InstallationKind = 'workspace' | 'asked-for' | 'project'

/** What a program was installed with. */
export interface InstallationTree {
  readonly kind: InstallationKind
  /** Directories of packages, where they are not listed. */
  readonly directories?: readonly string[]
  /** The project that lists them. */
  readonly project?: PackageFile
}

/**
 * The tree that a running package belongs to.
 * - `workspace`: the members of its workspace, which are developed together.
 * - `asked-for`: what its user had installed with it and nothing else: an npx cache (`npx -p one -p two`), or a
 *   `node_modules` without a package.json beside it, as a global installation has it.
 * - `project`: the project it was installed into, whose other dependencies have nothing to do with it.
 * @param directory of the running package, without links
 * @returns undefined when it was not installed at all
 */
export async function installationTree(directory: string): Promise<InstallationTree | undefined> {
  const modules = nodeModulesOf(directory)
  if (modules === undefined) {
    const members = await workspaceMembers(directory)
    return members === undefined ? undefined : { kind: 'workspace', directories: members }
  }
  const project = await readPackageFile(dirname(modules))
  if (project === undefined) return { kind: 'asked-for', directories: await packagesIn(modules) }
  return { kind: isNpxCache(project) ? 'asked-for' : 'project', project }
}

/** npx marks its packages; a project that copies the mark still lies elsewhere. */
function isNpxCache({ directory, content }: PackageFile): boolean {
  return basename(dirname(directory)) === '_npx' && isObject(content._npx)
}

/** The `node_modules` that a package lies in directly, below its scope if it has one. */
function nodeModulesOf(directory: string): string | undefined {
  const parent = dirname(directory)
  if (basename(parent) === 'node_modules') return parent
  const inScope = basename(parent).startsWith('@') && basename(dirname(parent)) === 'node_modules'
  return inScope ? dirname(parent) : undefined
}

async function packagesIn(modules: string): Promise<readonly string[]> {
  const names = await namesIn(modules)
  const nested = names.map(async (name) => {
    if (!name.startsWith('@')) return [join(modules, name)]
    return (await namesIn(join(modules, name))).map((inner) => join(modules, name, inner))
  })
  return (await Promise.all(nested)).flat()
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).filter((name) => !name.startsWith('.')).sort()
  } catch {
    return []
  }
}
