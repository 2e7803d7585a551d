import { createFileTree, directoryNode } from '../file-tree/file-tree.js'
import { addToTree, deviceNode, type TreeInput } from '../file-tree/tree-input.js'
import type { Operation } from '../file-tree/tree-node.js'
import { plainAttribute, readOnly } from './attribute-nodes.js'
import { createCgroups } from './cgroups.js'
import { deviceAttributes } from './device-attributes.js'
import { bind, putLink } from './driver-binding.js'
import { createFirmwareConsole } from './firmware-console.js'
import { createFrequencyPolicies } from './frequency-policies.js'
import { createHugepages } from './hugepages.js'
import { createInterrupts } from './interrupts.js'
import { insertModule, loadModule, modulesText } from './kernel-modules.js'
import type { KernelModuleSpec, KernelSpec, PciDeviceSpec } from './kernel-spec.js'
import type { KernelState } from './kernel-state.js'
import { moduleFiles } from './module-files.js'
import { createPciBus, plugDevice } from './pci-bus.js'
import { createProcessors } from './processors.js'
import { createScheduler } from './scheduler.js'

const DEFAULT_BOOT_ID = '6b1f6c0e-6a52-4c1e-9d0a-2f3f7c8f0a11'

/** Starts a kernel on the machine that a spec describes. Throws when the spec contradicts itself. */
export function boot(spec: KernelSpec): KernelState {
  const kernel: KernelState = {
    personality: spec.personality ?? '6.1',
    tree: createFileTree(),
    scheduler: createScheduler(),
    devices: new Map(),
    drivers: new Map(),
    modules: new Map((spec.modules ?? []).map((module) => [module.name, { spec: module, loaded: false }])),
    ownedGroups: new Map(),
    references: [],
    forgotten: [],
    attributesOf: (device) => deviceAttributes(kernel, device),
    reservePages: () => ({ release() {} }),
  }
  for (const path of ['/sys', '/proc']) kernel.tree.put(path, directoryNode({ kernel: true, mode: 0o555 }))
  createPciBus(kernel)
  finish(kernel, startModules(kernel, spec.modules ?? []))
  for (const device of spec.devices ?? []) plugDevice(kernel, device)
  finish(kernel, bindDevices(kernel, spec.devices ?? []))
  createIommus(kernel, spec)
  kernel.reservePages = createHugepages(kernel, spec.hugepages ?? [])
  if (spec.firmwareConsole !== undefined) createFirmwareConsole(kernel, spec.firmwareConsole)
  if (spec.processors !== undefined) {
    const processors = createProcessors(kernel, spec.processors)
    if (spec.interrupts !== undefined) createInterrupts(kernel, spec.interrupts, processors, spec.processors?.vectors)
    if (spec.frequencyPolicies !== undefined)
      createFrequencyPolicies(kernel, spec.frequencyPolicies, spec.boost, processors)
  }
  if (spec.cgroups !== undefined) createCgroups(kernel, spec.cgroups)
  for (const [path, attribute] of Object.entries(spec.attributes ?? {}))
    kernel.tree.put(path, plainAttribute(attribute))
  addToTree(kernel.tree, '', systemFiles(kernel, spec))
  addToTree(kernel.tree, '', spec.files ?? {})
  return kernel
}

/** The modules come before the devices: at boot a device gets the driver that the spec says, or none. */
function* startModules(kernel: KernelState, specs: readonly KernelModuleSpec[]): Operation<void> {
  for (const { name, state } of specs) {
    const module = kernel.modules.get(name)
    if (state === 'built-in' && module !== undefined) yield* insertModule(kernel, module)
  }
  for (const { name, state } of specs) if (state === 'loaded') yield* loadModule(kernel, name)
}

function* bindDevices(kernel: KernelState, specs: readonly PciDeviceSpec[]): Operation<void> {
  for (const { address, driver: name } of specs) {
    if (name === undefined) continue
    const driver = kernel.drivers.get(name)
    const answer = driver === undefined ? 'no such driver' : yield* bind(kernel, driver, address)
    if (answer !== 'ok') throw new Error(`${address} cannot be bound to ${name} at boot: ${answer}`)
  }
}

function finish(kernel: KernelState, operation: Operation<void>): void {
  if (!kernel.scheduler.start(operation).done) throw new Error('the machine does not come up: something waits for ever')
}

function createIommus(kernel: KernelState, spec: KernelSpec): void {
  const grouped = (spec.devices ?? []).some((device) => device.group !== undefined)
  kernel.tree.makeDirectory('/sys/class/iommu')
  kernel.tree.makeDirectory('/sys/kernel/iommu_groups')
  for (const name of spec.iommus ?? (grouped ? ['dmar0'] : [])) {
    kernel.tree.makeDirectory(`/sys/devices/virtual/iommu/${name}`)
    putLink(kernel, `/sys/class/iommu/${name}`, `/sys/devices/virtual/iommu/${name}`)
  }
}

function systemFiles(kernel: KernelState, spec: KernelSpec): TreeInput {
  const release = spec.release ?? `${spec.personality ?? '6.1'}.0-model`
  kernel.tree.put(
    '/proc/modules',
    readOnly(() => modulesText(kernel)),
  )
  kernel.tree.put('/proc/sys/kernel/random/boot_id', readOnly(`${spec.bootId ?? DEFAULT_BOOT_ID}\n`))
  kernel.tree.put('/proc/sys/kernel/osrelease', readOnly(`${release}\n`))
  kernel.tree.put('/proc/cmdline', readOnly('BOOT_IMAGE=/vmlinuz intel_iommu=on\n'))
  return {
    '/dev/null': deviceNode('character-device', '1:3', { mode: 0o666 }),
    ...moduleFiles(release, spec.modules ?? []),
  }
}
