import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { type PackageFile, readPackageFile } from './package-file.js'
import { workspaceMembers } from './workspace-members.js'

/** What a program was installed with: packages by their directories, or the project that lists them. */
export type InstallationTree =
  | { readonly kind: 'packages'; readonly directories: readonly string[] }
  | { readonly kind: 'project'; readonly project: PackageFile }

/**
 * The tree that a running package belongs to.
 * - In a workspace: its members.
 * - In a `node_modules` with a package.json beside it, a project's or npx's: that project.
 * - In one without, as a global installation has it: the packages in it.
 * @param directory of the running package, without links
 * @returns undefined when it was not installed at all
 */
export async function installationTree(directory: string): Promise<InstallationTree | undefined> {
  const modules = nodeModulesOf(directory)
  if (modules === undefined) {
    const members = await workspaceMembers(directory)
    return members === undefined ? undefined : { kind: 'packages', directories: members }
  }
  const project = await readPackageFile(dirname(modules))
  if (project !== undefined) return { kind: 'project', project }
  return { kind: 'packages', directories: await packagesIn(modules) }
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
