import { relative } from 'node:path'
import type { PackageJson, WorkspacePackage } from './workspace.js'

/** The fields of a published package.json that are the same everywhere, or follow from where the package lies. */
export type SharedFields = Pick<
  PackageJson,
  'license' | 'author' | 'homepage' | 'bugs' | 'repository' | 'type' | 'engines' | 'publishConfig'
>

/**
 * What the root package.json makes of those fields for one package. Its `repository` is the one place where the address is written.
 * @param address the web address of the repository, without an ending: `https://github.com/OWNER/NAME`
 */
export function sharedFields(root: PackageJson, directory: string, address: string): SharedFields {
  return {
    ...(root.license === undefined ? {} : { license: root.license }),
    ...(root.author === undefined ? {} : { author: root.author }),
    homepage: `${address}/tree/main/${directory}#readme`,
    bugs: { url: `${address}/issues` },
    repository: { type: 'git', url: `git+${address}.git`, directory },
    type: 'module',
    ...(root.engines === undefined ? {} : { engines: root.engines }),
    publishConfig: { access: 'public' },
  }
}

/**
 * The web address of the repository, as a package.json has it.
 * @throws Error when it has none
 */
export function repositoryAddress(json: PackageJson): string {
  const found = /^git\+(https:\/\/[^\s]+)\.git$/.exec(json.repository?.url ?? '')?.[1]
  if (found === undefined) throw new Error(`${json.name} names no repository as git+https://….git`)
  return found
}

/** Where a package lies, from the root of the repository. */
export function packageDirectory(root: string, { folder }: WorkspacePackage): string {
  return relative(root, folder)
}
