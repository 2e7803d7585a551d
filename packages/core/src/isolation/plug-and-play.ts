import { existsSync } from 'node:fs'
import nodeModule from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { janusError } from '../errors/janus-error.js'
import type { SandboxBind } from '../sandbox/index.js'
import { placeOnDisk } from '../state/place-on-disk.js'

/** What Yarn's loader says, as far as it is asked: https://yarnpkg.com/advanced/pnpapi. */
interface PlugAndPlayApi {
  readonly topLevel: Locator
  findPackageLocator(path: string): Locator | null
  getPackageInformation(locator: Locator): PackageInformation | null
}

interface Locator {
  readonly name: string | null
  readonly reference: string | null
}

interface PackageInformation {
  readonly packageLocation: string
  readonly packageDependencies: ReadonlyMap<string, string | readonly [string, string] | null>
}

/** What a child needs of a Plug'n'Play project: its loader, what it is shown of it, and how Node is told. */
export interface PlugAndPlayView {
  readonly visible: readonly SandboxBind[]
  readonly nodeArguments: readonly string[]
  /** Yarn reads its archives by WebAssembly. */
  readonly webAssembly: true
}

const MOST_PACKAGES = 5_000
const LOADER_FILES = ['.pnp.cjs', '.pnp.loader.mjs', '.pnp.data.json']

/**
 * What these packages and all that they depend on need in a Plug'n'Play project: the archives and folders they lie in.
 * @param directories of packages, as the loader names them
 * @returns undefined when this process does not run under such a loader
 * @throws JANUS_PNP_UNSUPPORTED when the loader does not say where they lie
 */
export function plugAndPlayView(directories: readonly string[]): PlugAndPlayView | undefined {
  if (process.versions.pnp === undefined) return undefined
  const api = loaderOf(directories)
  const root = api.getPackageInformation(api.topLevel)?.packageLocation
  if (root === undefined) throw unsupported(directories)
  const sources = new Set<string>()
  const seen = new Set<string>()
  const pending = directories.map((directory) => api.findPackageLocator(`${directory}/`))
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const information = next === null ? null : api.getPackageInformation(next)
    if (next === null || information === null) throw unsupported(directories)
    const key = `${next.name}@${next.reference}`
    if (seen.has(key) || seen.size >= MOST_PACKAGES) continue
    seen.add(key)
    sources.add(placeOnDisk(information.packageLocation.replace(/\/$/, '')).path)
    for (const [name, reference] of information.packageDependencies) {
      if (typeof reference === 'string') pending.push({ name, reference })
      else if (reference !== null) pending.push({ name: reference[0], reference: reference[1] })
    }
  }
  const loader = join(root, '.pnp.cjs')
  return {
    visible: [...LOADER_FILES.map((name) => join(root, name)).filter(existsSync), ...sources].map((source) => ({
      source,
    })),
    webAssembly: true,
    nodeArguments: [
      ...['--require', loader],
      ...['--experimental-loader', pathToFileURL(join(root, '.pnp.loader.mjs')).href],
    ],
  }
}

function loaderOf(directories: readonly string[]): PlugAndPlayApi {
  // The loader puts it there; the named exports of the module were taken before.
  const { findPnpApi } = nodeModule as unknown as { readonly findPnpApi?: (path: string) => PlugAndPlayApi | null }
  const [first = ''] = directories
  const api = findPnpApi?.(`${first}/`)
  if (api === undefined || api === null) throw unsupported(directories)
  return api
}

function unsupported(directories: readonly string[]): Error {
  const message = `Yarn's loader does not say where ${directories.join(' and ')} lie, so a child cannot be shown them`
  const remedy = 'Set `nodeLinker: node-modules` in .yarnrc.yml and install again.'
  return janusError('JANUS_PNP_UNSUPPORTED', message, { remedy })
}
