import { type AttributeNode, atOnce, type KernelAnswer, type Operation } from '../file-tree/tree-node.js'
import { readOnly } from './attribute-nodes.js'
import { attachAnyDriver, putLink } from './driver-binding.js'
import type { PciDeviceSpec } from './kernel-spec.js'
import { type KernelState, type PciDeviceState, sysfsWord, withDeviceLock } from './kernel-state.js'
import { plugDevice, unplugDevice } from './pci-bus.js'

/** The SR-IOV attributes of a physical function (PCI/pci-iov-howto.rst). */
export function virtualFunctionAttributes(
  kernel: KernelState,
  device: PciDeviceState,
  functions: readonly PciDeviceSpec[],
): Readonly<Record<string, AttributeNode>> {
  return {
    sriov_totalvfs: readOnly(`${functions.length}\n`),
    sriov_numvfs: {
      type: 'attribute',
      mode: 0o644,
      show: atOnce(() => `${device.enabledFunctions}\n`),
      store: (text) => setNumber(kernel, device, functions, text),
    },
    sriov_drivers_autoprobe: {
      type: 'attribute',
      mode: 0o644,
      show: atOnce(() => `${device.functionsAutoprobe ? 1 : 0}\n`),
      store: atOnce((text: string) => {
        const word = sysfsWord(text)
        if (!/^[01nyNY]/.test(word)) return 'EINVAL'
        device.functionsAutoprobe = /^[1yY]/.test(word)
        return 'ok'
      }),
    },
  }
}

function* setNumber(
  kernel: KernelState,
  device: PciDeviceState,
  functions: readonly PciDeviceSpec[],
  text: string,
): Operation<KernelAnswer> {
  const word = sysfsWord(text)
  if (!/^\+?\d+$/.test(word)) return 'EINVAL'
  const wanted = Number(word)
  if (wanted > functions.length) return 'ERANGE'
  return yield* withDeviceLock(device, function* () {
    if (wanted === device.enabledFunctions) return 'ok'
    if (!kernel.drivers.get(device.driver ?? '')?.spec.sriov) return 'ENOENT'
    if (wanted > 0 && device.enabledFunctions > 0) return 'EBUSY'
    if (wanted === 0) yield* disable(kernel, device, functions)
    else yield* enable(kernel, device, functions.slice(0, wanted))
    return 'ok'
  })
}

function* enable(kernel: KernelState, device: PciDeviceState, functions: readonly PciDeviceSpec[]): Operation<void> {
  device.enabledFunctions = functions.length
  for (const [index, spec] of functions.entries()) {
    const { parent = device.spec.parent } = spec
    const created = plugDevice(kernel, { ...spec, ...(parent === undefined ? {} : { parent }) }, device)
    putLink(kernel, `${device.location}/virtfn${index}`, created.location)
    yield* attachAnyDriver(kernel, created)
  }
}

function* disable(kernel: KernelState, device: PciDeviceState, functions: readonly PciDeviceSpec[]): Operation<void> {
  for (const [index, { address }] of functions.entries()) {
    const created = kernel.devices.get(address)
    if (created === undefined) continue
    yield* unplugDevice(kernel, created)
    kernel.tree.remove(`${device.location}/virtfn${index}`)
  }
  device.enabledFunctions = 0
}
