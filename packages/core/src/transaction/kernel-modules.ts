import type { Host } from '../contract/host.js'
import { janusError } from '../errors/janus-error.js'

/** Names of the loaded kernel modules, newest first, as `/proc/modules` lists them. */
export async function loadedKernelModules(host: Host): Promise<readonly string[]> {
  const { value, unreadable } = await host.readText('/proc/modules')
  // Taken for "nothing is loaded", an undo would later unload what was there before.
  if (unreadable !== undefined) throw janusError('JANUS_HOST_UNREADABLE', `/proc/modules cannot be read: ${unreadable}`)
  return (value ?? '').split('\n').flatMap((line) => line.split(' ', 1)[0] || [])
}

/** True when this very module is loaded or built in. Dashes and underscores are the same to the kernel. */
export async function isKernelModuleLoaded(host: Host, name: string): Promise<boolean> {
  return host.exists(`/sys/module/${kernelName(name)}`)
}

/**
 * The modules that a load brought and that nothing uses: the named one first, then what it depends on.
 * @param before modules that were loaded before
 */
export async function modulesToUnload(host: Host, name: string, before: readonly string[]): Promise<readonly string[]> {
  const brought = await dependenciesOf(host, kernelName(name))
  return (await loadedKernelModules(host)).filter((loaded) => brought.has(loaded) && !before.includes(loaded))
}

/** Why a module must stay, or undefined when it may go: its reference count is 0 and none of its drivers has a device. */
export async function reasonToKeep(host: Host, name: string): Promise<string | undefined> {
  const directory = `/sys/module/${kernelName(name)}`
  const count = (await host.readText(`${directory}/refcnt`)).value?.trim()
  if (count === undefined) return `${directory}/refcnt cannot be read`
  if (count !== '0') return `it is in use (${directory}/refcnt is ${count})`
  for (const driver of (await host.list(`${directory}/drivers`)).value ?? []) {
    const device = await deviceOfDriver(host, `${directory}/drivers/${driver}`)
    if (device !== undefined) return `its driver ${driver} has the device ${device}`
  }
  return undefined
}

async function deviceOfDriver(host: Host, directory: string): Promise<string | undefined> {
  for (const name of (await host.list(directory)).value ?? []) {
    if ((await host.readLink(`${directory}/${name}`)).value?.startsWith('/sys/devices/') === true) return name
  }
  return undefined
}

/** The module, its dependencies and its soft dependencies, transitively (modules.dep and modules.softdep of kmod). */
async function dependenciesOf(host: Host, name: string): Promise<ReadonlySet<string>> {
  const release = (await host.readText('/proc/sys/kernel/osrelease')).value?.trim() ?? ''
  const hard = parseDependencies((await host.readText(`/lib/modules/${release}/modules.dep`)).value ?? '')
  const soft = parseSoftDependencies((await host.readText(`/lib/modules/${release}/modules.softdep`)).value ?? '')
  const found = new Set<string>()
  const pending = [name]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (found.has(next)) continue
    found.add(next)
    pending.push(...(hard.get(next) ?? []), ...(soft.get(next) ?? []))
  }
  return found
}

function parseDependencies(text: string): ReadonlyMap<string, readonly string[]> {
  const dependencies = new Map<string, readonly string[]>()
  for (const line of text.split('\n')) {
    const [file = '', rest = ''] = line.split(':', 2)
    if (file !== '')
      dependencies.set(
        moduleOfFile(file),
        rest
          .split(' ')
          .filter((path) => path !== '')
          .map(moduleOfFile),
      )
  }
  return dependencies
}

function parseSoftDependencies(text: string): ReadonlyMap<string, readonly string[]> {
  const dependencies = new Map<string, readonly string[]>()
  for (const line of text.split('\n')) {
    const [keyword, name, ...words] = line.split(/\s+/)
    if (keyword !== 'softdep' || name === undefined) continue
    const names = words.filter((word) => word !== '' && !word.endsWith(':')).map(kernelName)
    dependencies.set(kernelName(name), [...(dependencies.get(kernelName(name)) ?? []), ...names])
  }
  return dependencies
}

function moduleOfFile(path: string): string {
  return kernelName((path.split('/').pop() ?? '').replace(/\.ko(\.\w+)?$/, ''))
}

function kernelName(name: string): string {
  return name.replaceAll('-', '_')
}
