import { basename, relative } from 'node:path'
import { janusError } from '../errors/janus-error.js'
import { isPackageName, readPackageFile } from '../modules/package-file.js'
import { isWithin } from '../sandbox/is-within.js'
import { homesAround } from '../sandbox/private-places.js'

/** A link to a package, in the `node_modules` of a directory. */
export interface PackageLink {
  /** Where it lies. */
  readonly path: string
  /** Directory whose `node_modules` it lies in, without links. */
  readonly holder: string
  /** Package that is looked for. */
  readonly name: string
  /** What it comes to, without links. */
  readonly target: string
  /** Root of the project of whoever looks for it. */
  readonly project: string
}

/**
 * Requires that a link comes to a package, for whoever wrote the link may have wished to see something else. Two kinds of
 * targets are taken: what lies in a `node_modules` under its own name, as package managers and their stores lay packages
 * out; and a folder of that name elsewhere, as workspaces and `npm link` do, unless the link came in an installed package,
 * in which no package manager puts such links.
 * @param home of the caller, without links
 * @throws JANUS_SANDBOX_BIND_REFUSED naming the link and its target
 */
export async function requirePackageLink(link: PackageLink, home: string): Promise<void> {
  const { holder, name, target, project } = link
  const stated = (await readPackageFile(target))?.content.name
  if (stated !== undefined && stated === installedName(target)) return
  if (installedName(holder) !== undefined) throw refused(link, 'which came in a package, leads there')
  if (stated !== name) throw refused(link, `leads there, and it is no package called ${name}`)
  if ([project, holder, ...homesAround(target, home)].some((inner) => isWithin(target, inner)))
    throw refused(link, 'leads there, and more than a package lies in it')
  if (isHidden(target, [project, ...homesAround(target, home)]))
    throw refused(link, 'leads there, into a hidden directory')
}

/**
 * Whether a `node_modules` that is a link comes to a `node_modules` of the same project.
 * @param target without links
 */
export function isModulesLinkInside(project: string, target: string): boolean {
  return basename(target) === 'node_modules' && isWithin(project, target)
}

/** The refusal of a `node_modules` that leads out of its project. */
export function modulesLinkRefused(path: string, target: string): Error {
  return refused({ path, target }, 'leads there, out of its project')
}

/** The name that a directory has as a package, when it lies in a `node_modules`: `@scope/name` or `name`. */
function installedName(directory: string): string | undefined {
  const [above = '', scope = '', name = ''] = directory.split('/').slice(-3)
  const scoped = above === 'node_modules' && scope.startsWith('@') ? `${scope}/${name}` : undefined
  const found = scoped ?? (scope === 'node_modules' ? name : undefined)
  return isPackageName(found) ? found : undefined
}

/** True when a component of a path begins with a dot, below the innermost of these directories that it lies in. */
function isHidden(path: string, directories: readonly string[]): boolean {
  const around = directories.filter((directory) => isWithin(directory, path))
  const [innermost = '/'] = around.sort((one, other) => other.length - one.length)
  return relative(innermost, path)
    .split('/')
    .some((part) => part.startsWith('.'))
}

function refused({ path, target }: Pick<PackageLink, 'path' | 'target'>, why: string): Error {
  const message = `${JSON.stringify(target)} is not shown to a sandbox: the link ${JSON.stringify(path)} ${why}`
  const remedy = `Remove the link ${JSON.stringify(path)}, or install the package again.`
  return janusError('JANUS_SANDBOX_BIND_REFUSED', message, { remedy, data: { path: target, link: path } })
}
