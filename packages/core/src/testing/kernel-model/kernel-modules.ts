import { posix } from 'node:path'
import { directoryNode } from '../file-tree/file-tree.js'
import { addToTree } from '../file-tree/tree-input.js'
import { type AttributeNode, atOnce, type KernelAnswer, type Operation } from '../file-tree/tree-node.js'
import { readOnly } from './attribute-nodes.js'
import { putLink } from './driver-binding.js'
import type { KernelModuleSpec } from './kernel-spec.js'
import { type KernelModuleState, type KernelState, sysfsWord } from './kernel-state.js'
import { registerDriver, unregisterDriver } from './pci-drivers.js'

/** `vfio-pci` and `vfio_pci` are one module. */
export function moduleName(name: string): string {
  return name.replaceAll('-', '_')
}

/** `modprobe <name>`: what it depends on first; `ok` when it is there already. ENOENT: there is no such module. */
export function* loadModule(
  kernel: KernelState,
  name: string,
  parameters: Readonly<Record<string, string>> = {},
): Operation<KernelAnswer> {
  const module = kernel.modules.get(moduleName(name))
  if (module === undefined) return 'ENOENT'
  if (module.loaded) return 'ok'
  if (module.spec.refused !== undefined) return module.spec.refused
  const known = module.spec.parameters ?? {}
  for (const [name, value] of Object.entries(parameters)) {
    if (isSwitch(known[name]) && !isSwitch(value) && !/^[01]$/.test(value)) return 'EINVAL'
  }
  for (const dependency of module.spec.dependsOn ?? []) {
    const answer = yield* loadModule(kernel, dependency)
    if (answer !== 'ok') return answer
  }
  yield* insertModule(kernel, module, parameters)
  return 'ok'
}

/** Makes a module part of the running kernel; also for those that are built in. */
export function* insertModule(
  kernel: KernelState,
  module: KernelModuleState,
  parameters: Readonly<Record<string, string>> = {},
): Operation<void> {
  const { spec } = module
  module.loaded = true
  const path = `/sys/module/${spec.name}`
  for (const [name, value] of Object.entries({ ...spec.parameters, ...parameters })) {
    kernel.tree.put(`${path}/parameters/${name}`, parameterNode(spec, name, value))
  }
  if (spec.state !== 'built-in') {
    kernel.tree.put(
      `${path}/refcnt`,
      readOnly(() => `${referencesTo(kernel, module)}\n`),
    )
    kernel.tree.put(`${path}/initstate`, readOnly('live\n'))
    kernel.tree.put(`${path}/holders`, directoryNode({ kernel: true }))
    for (const dependency of spec.dependsOn ?? []) {
      if (kernel.modules.get(dependency)?.spec.state === 'built-in') continue
      putLink(kernel, `/sys/module/${dependency}/holders/${spec.name}`, path)
    }
  }
  if (spec.whileLoaded !== undefined) addToTree(kernel.tree, '', spec.whileLoaded)
  for (const driver of spec.drivers ?? []) yield* registerDriver(kernel, driver, spec.name)
}

/**
 * `rmmod <name>`, or with its dependencies `modprobe -r <name>`, which also takes what nothing else uses.
 * EAGAIN: something uses it. ENOENT: it is not loaded.
 */
export function* unloadModule(kernel: KernelState, name: string, dependencies: boolean): Operation<KernelAnswer> {
  const module = kernel.modules.get(moduleName(name))
  if (module === undefined || !module.loaded || module.spec.state === 'built-in') return 'ENOENT'
  if (referencesTo(kernel, module) > 0) return 'EAGAIN'
  const { spec } = module
  for (const { name: driverName } of spec.drivers ?? []) {
    const driver = kernel.drivers.get(driverName)
    if (driver !== undefined) yield* unregisterDriver(kernel, driver)
  }
  module.loaded = false
  kernel.tree.remove(`/sys/module/${spec.name}`)
  for (const path of Object.keys(spec.whileLoaded ?? {})) removeNode(kernel, path)
  for (const dependency of spec.dependsOn ?? []) kernel.tree.remove(`/sys/module/${dependency}/holders/${spec.name}`)
  if (dependencies) for (const dependency of spec.dependsOn ?? []) yield* unloadModule(kernel, dependency, true)
  return 'ok'
}

/** The text of `/proc/modules`, the newest first. */
export function modulesText(kernel: KernelState): string {
  const loaded = [...kernel.modules.values()].filter(({ loaded, spec }) => loaded && spec.state !== 'built-in')
  return loaded
    .reverse()
    .map((module) => {
      const users = usersOf(kernel, module)
      const names = users.length === 0 ? '-' : `${users.join(',')},`
      return `${module.spec.name} 16384 ${referencesTo(kernel, module)} ${names} Live 0x0000000000000000\n`
    })
    .join('')
}

function usersOf(kernel: KernelState, { spec }: KernelModuleState): readonly string[] {
  const users = [...kernel.modules.values()].filter(
    (other) => other.loaded && other.spec.dependsOn?.includes(spec.name),
  )
  return users.map((user) => user.spec.name)
}

/** A switch reads as `Y` or `N`, however it was set. */
function parameterNode(spec: KernelModuleSpec, name: string, initial: string): AttributeNode {
  const isBoolean = isSwitch(spec.parameters?.[name])
  const shown = (word: string) => (isBoolean && word === '1' ? 'Y' : isBoolean && word === '0' ? 'N' : word)
  let value = shown(initial)
  if (spec.writableParameters?.includes(name) !== true) return readOnly(`${value}\n`)
  return {
    type: 'attribute',
    mode: 0o644,
    show: atOnce(() => `${value}\n`),
    store: atOnce((text: string) => {
      const word = shown(sysfsWord(text))
      if (isBoolean && !isSwitch(word)) return 'EINVAL'
      value = word
      return 'ok'
    }),
  }
}

function isSwitch(value: string | undefined): boolean {
  return value === 'Y' || value === 'N'
}

/** Modules that need it, VFIO descriptors that are open on its devices, and what else counts itself. */
function referencesTo(kernel: KernelState, module: KernelModuleState): number {
  const names = (module.spec.drivers ?? []).map((driver) => driver.name)
  const held = [...kernel.devices.values()].filter((device) => names.includes(device.driver ?? ''))
  const counted = kernel.references.reduce((sum, count) => sum + count(module.spec.name), 0)
  return usersOf(kernel, module).length + held.reduce((sum, device) => sum + device.descriptors, 0) + counted
}

/** devtmpfs takes away a directory it made for a node once the directory is empty (drivers/base/devtmpfs.c, delete_path). */
function removeNode({ tree }: KernelState, path: string): void {
  tree.remove(path)
  const directory = posix.dirname(path)
  const { node } = directory.startsWith('/dev/') ? tree.lookup(directory) : {}
  if (node?.type === 'directory' && node.entries.size === 0) tree.remove(directory)
}
