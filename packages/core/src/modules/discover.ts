import { join } from 'node:path'
import { scanModuleTree } from '../command-modules/scan-module-tree.js'
import type { ModuleSource } from '../contract/janus.js'
import type { Isolation } from '../contract/runnable-module.js'
import { diagnosticOf, janusError } from '../errors/janus-error.js'
import { extensionDirectory, extensionNames } from '../extensions/extension-directory.js'
import type { AskingUser } from './asking-user.js'
import { readConfigFile } from './config-file.js'
import type { DiscoveredModule } from './discovered-module.js'
import { type Claim, createModulePolicy, type Origin, weighClaims } from './module-policy.js'
import { moduleProblem } from './module-shape.js'
import { modulesAtPath, namedModules } from './named-modules.js'
import { dependencyNames, readPackageFile } from './package-file.js'
import { dependenciesOf, packagesBelow, plugAndPlayAbove } from './package-sources.js'
import { readPins } from './pins.js'
import { problemAt } from './problem-at.js'
import { findProject, PROJECT_CONFIG } from './project.js'
import { modulesOfPackage } from './read-manifest.js'

/**
 * Finds the modules that sources name, in their order, and decides over each by the rules of {@link createModulePolicy}.
 * Only data is read: nothing is imported. A module that two sources lead to is listed once.
 */
export async function discoverModules(
  sources: readonly ModuleSource[],
  user: AskingUser,
): Promise<readonly DiscoveredModule[]> {
  const search = searchOf(sources, user)
  const { pinOf, problems } = await readPins(sources, user)
  const decide = createModulePolicy(user, pinOf)
  const given: DiscoveredModule[] = []
  const claims = new Map<string, Claim[]>()
  for (const source of sources) {
    if (source.kind === 'module') {
      given.push(givenModule(source.module))
      continue
    }
    for (const claim of await claimsOf(source, search)) {
      const key = identityOf(claim.module)
      claims.set(key, [...(claims.get(key) ?? []), claim])
    }
  }
  return [...given, ...problems, ...(await Promise.all([...claims.values()].map((all) => decide(weighClaims(all)))))]
}

/** A package may name a path that is another's: the same module has the same package, path and id. */
function identityOf({ code, path, source, id }: DiscoveredModule): string {
  return [code?.directory ?? '', path ?? source, id].join('\0')
}

/** Where names are looked for, and for whom. */
interface Search {
  readonly user: AskingUser
  readonly fallbacks: readonly string[]
}

function searchOf(sources: readonly ModuleSource[], user: AskingUser): Search {
  const extensions = sources.some(({ kind }) => kind === 'extensions') ? user.directories.map(extensionDirectory) : []
  const own = sources.flatMap((source) => ('packageJson' in source ? [join(source.packageJson, '..')] : []))
  return { user, fallbacks: [...extensions, ...own] }
}

async function claimsOf(source: Exclude<ModuleSource, { kind: 'module' }>, search: Search): Promise<readonly Claim[]> {
  switch (source.kind) {
    case 'package':
      return claim('named', await modulesAtPath(source.path), source.isolation)
    case 'named':
      return claim('named', await namedModules({ ...source, fallbacks: search.fallbacks }), source.isolation)
    case 'config':
      return claimsOfUser(source.path, search)
    case 'project':
      return claimsOfProject(source.directory, search)
    case 'extensions':
      return claimsOfExtensions(search.user)
    default: {
      const { packages, origin, problem } = await packagesBelow(source.packageJson, source.kind)
      const modules = packages.flatMap(modulesOfPackage)
      return claim(origin, problem === undefined ? modules : [problem, ...modules])
    }
  }
}

async function claimsOfUser(path: string | undefined, search: Search): Promise<readonly Claim[]> {
  const paths = path === undefined ? search.user.directories.map(({ config }) => join(config, 'config.json')) : [path]
  return (await Promise.all(paths.map((file) => claimsOfConfig(file, 'named', search)))).flat()
}

async function claimsOfConfig(file: string, origin: 'named' | 'project', search: Search): Promise<readonly Claim[]> {
  try {
    const named = await readConfigFile(file, search.user)
    const found = named.map(async ({ module, isolation }) => {
      const modules = await namedModules({ name: module, from: join(file, '..'), fallbacks: search.fallbacks })
      return claim(origin, modules, isolation)
    })
    return (await Promise.all(found)).flat()
  } catch (error) {
    return claim(origin, [problemAt(file, error)])
  }
}

/** What lies in a directory was not chosen by root for being there. */
async function claimsOfProject(directory: string, search: Search): Promise<readonly Claim[]> {
  const project = await findProject(directory)
  if (project === undefined) return []
  const config = project.hasConfig
    ? await claimsOfConfig(join(project.directory, PROJECT_CONFIG), 'project', search)
    : []
  const named = search.user.uid === 0 ? config.map(({ module }) => ({ module, origin: 'present' as const })) : config
  const file = project.hasPackage ? await readPackageFile(project.directory) : undefined
  const packages = file === undefined ? [] : await dependenciesOf(file, dependencyNames(file, { development: true }))
  const present = [...packages.flatMap(modulesOfPackage), ...(await scanModuleTree(project.directory))]
  const plugAndPlay = packages.length === 0 ? await plugAndPlayAbove(project.directory) : undefined
  return [...named, ...claim('present', plugAndPlay === undefined ? present : [plugAndPlay, ...present])]
}

async function claimsOfExtensions(user: AskingUser): Promise<readonly Claim[]> {
  const found = user.directories.map(async (directories) => {
    const directory = extensionDirectory(directories)
    const file = await readPackageFile(directory)
    const packages = file === undefined ? [] : await dependenciesOf(file, extensionNames(file))
    return claim('extension', packages.flatMap(modulesOfPackage))
  })
  return (await Promise.all(found)).flat()
}

function claim(origin: Origin, modules: readonly DiscoveredModule[], isolation?: Isolation): readonly Claim[] {
  return modules.map((module) => ({ module, origin, ...(isolation === undefined ? {} : { isolation }) }))
}

function givenModule(module: unknown): DiscoveredModule {
  const problem = moduleProblem(module)
  if (problem !== undefined) {
    const error = janusError('JANUS_MODULE_SHAPE_INVALID', `a module that was handed over is none: ${problem}`)
    return { id: 'given', type: 'unknown', version: 'unknown', source: 'given', diagnostics: [diagnosticOf(error)] }
  }
  const given = module as NonNullable<DiscoveredModule['module']>
  const { id, type, version } = given.metadata
  return {
    id,
    type,
    version,
    source: 'given',
    module: given,
    isolation: 'in-process',
    trusted: true,
    diagnostics: [],
  }
}
