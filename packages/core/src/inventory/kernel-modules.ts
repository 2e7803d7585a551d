import type { Host } from '../contract/host.js'
import { readKernelRelease, readModuleList } from './kernel-release.js'
import { readBlacklist } from './modprobe-config.js'
import { kernelModuleName, moduleOfFile } from './module-name.js'
import { parseWholeNumber } from './read-value.js'

/**
 * Where a kernel module stands. `available`: not loaded, but among the modules of the running kernel. `unknown`: a
 * captured host does not show it.
 */
export type KernelModuleState = 'loaded' | 'built-in' | 'available' | 'missing' | 'unknown'

/** The kernel modules of a host. Names are exact; dashes and underscores are the same. */
export interface KernelModules {
  state(name: string): KernelModuleState
  /** Whether it is among the loadable modules of the running kernel, loaded now or not; undefined where the host does not show them. */
  isInstalled(name: string): boolean | undefined
  /** The place that blacklists the module (`/etc/modprobe.d/x.conf:3`), undefined when none does. */
  blacklisted(name: string): string | undefined
  /** How many users a loaded module has. */
  referenceCount(name: string): number | undefined
}

/** Reads which kernel modules are loaded, built in, and available, and which the configuration forbids. */
export async function readKernelModules(host: Host): Promise<KernelModules> {
  const release = await readKernelRelease(host)
  const [loaded, present, builtIn, installed, blacklist] = await Promise.all([
    readLoaded(host),
    readPresent(host),
    readModuleList(host, release, 'modules.builtin').then(modulesOf),
    readModuleList(host, release, 'modules.dep').then(modulesOf),
    readBlacklist(host),
  ])
  const isListComplete = installed !== undefined || (await hasNoModules(host, release))

  function stateOf(name: string): KernelModuleState {
    if (loaded?.has(name) === true) return 'loaded'
    if (builtIn?.has(name) === true) return 'built-in'
    // What sysfs shows and /proc/modules does not was built in; without /proc/modules the two cannot be told apart.
    if (present?.has(name) === true) return loaded === undefined ? 'loaded' : 'built-in'
    if (installed?.has(name) === true) return 'available'
    const isLoadedKnown = loaded !== undefined || present !== undefined || host.kind === 'live'
    return isLoadedKnown && isListComplete ? 'missing' : 'unknown'
  }

  return {
    state: (name) => stateOf(kernelModuleName(name)),
    isInstalled: (name) => installed?.has(kernelModuleName(name)) ?? (isListComplete ? false : undefined),
    blacklisted: (name) => blacklist.get(kernelModuleName(name)),
    referenceCount: (name) => loaded?.get(kernelModuleName(name)),
  }
}

async function readLoaded(host: Host): Promise<ReadonlyMap<string, number> | undefined> {
  const { value, unreadable } = await host.readText('/proc/modules')
  if (value !== undefined) return parseProcModules(value)
  // A kernel that can load no modules has no such file; a tree may have left it out.
  return unreadable === undefined && host.kind !== 'tree' ? new Map() : undefined
}

/** Names and reference counts of the modules in `/proc/modules`. */
export function parseProcModules(text: string): ReadonlyMap<string, number> {
  const modules = new Map<string, number>()
  for (const line of text.split('\n')) {
    const [name, , count] = line.split(' ')
    if (name !== undefined && name !== '') modules.set(kernelModuleName(name), parseWholeNumber(count) ?? 0)
  }
  return modules
}

async function readPresent(host: Host): Promise<ReadonlySet<string> | undefined> {
  const names = (await host.list('/sys/module')).value
  return names === undefined ? undefined : new Set(names.map(kernelModuleName))
}

function modulesOf(text: string | undefined): ReadonlySet<string> | undefined {
  if (text === undefined) return undefined
  const names = text.split('\n').map((line) => moduleOfFile(line.split(':', 1)[0] ?? ''))
  return new Set(names.filter((name) => name !== undefined))
}

// The list is known to be empty where the kernel's directory is known not to be there; a tree may have left it out.
async function hasNoModules(host: Host, release: string | undefined): Promise<boolean> {
  if (release === undefined) return false
  const list = await host.readBytes(`/lib/modules/${release}/modules.dep`)
  if (list.unreadable !== undefined) return false
  return host.kind !== 'tree' || host.exists('/lib/modules')
}
