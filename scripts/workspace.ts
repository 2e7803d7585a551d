import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the repository. */
export const repository = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')

/** What the scripts need to know of a package.json. */
export interface PackageJson {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly description?: string
  readonly keywords?: readonly string[]
  readonly homepage?: string
  readonly bugs?: Readonly<Record<string, string>>
  readonly license?: string
  readonly author?: string
  readonly repository?: { readonly type: string; readonly url: string; readonly directory?: string }
  readonly type?: string
  readonly sideEffects?: boolean | readonly string[]
  readonly publishConfig?: Readonly<Record<string, unknown>>
  readonly files?: readonly string[]
  readonly scripts?: Readonly<Record<string, string>>
  readonly workspaces?: readonly string[]
  readonly engines?: Readonly<Record<string, string>>
  readonly bin?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly janus?: {
    readonly modules?: readonly { readonly id: string; readonly entry: string }[]
    readonly commands?: readonly { readonly entry: string }[]
    readonly checks?: readonly { readonly entry: string }[]
  }
}

/** A member of the workspace. */
export interface WorkspacePackage {
  readonly name: string
  readonly folder: string
  readonly json: PackageJson
  /** Names of the members that must be built before this one. */
  readonly needs: readonly string[]
}

/** All members of the workspace, in the order of the root package.json. */
export async function workspacePackages(root: string = repository): Promise<readonly WorkspacePackage[]> {
  const { workspaces = [] } = await readPackageJson(root)
  const members = await Promise.all(
    workspaces.map(async (path) => ({ folder: join(root, path), json: await readPackageJson(join(root, path)) })),
  )
  const names = new Set(members.map(({ json }) => json.name))
  return members.map(({ folder, json }) => {
    const wanted = { ...json.dependencies, ...json.devDependencies, ...json.peerDependencies }
    return { name: json.name, folder, json, needs: Object.keys(wanted).filter((name) => names.has(name)) }
  })
}

/** The members that are published. */
export async function publicPackages(root: string = repository): Promise<readonly WorkspacePackage[]> {
  return (await workspacePackages(root)).filter(({ json }) => json.private !== true)
}

/** The package.json of a folder. */
export async function readPackageJson(folder: string): Promise<PackageJson> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as PackageJson
}
