import { type AttributeNode, atOnce, type Operation } from '../file-tree/tree-node.js'
import { plainAttribute } from './attribute-nodes.js'
import { type KernelState, type PciDeviceState, withDeviceLock } from './kernel-state.js'
import { removeDevice } from './pci-bus.js'
import { powerAttributes } from './power-attributes.js'
import { resetAttributes } from './reset-methods.js'
import { virtualFunctionAttributes } from './virtual-functions.js'

/** PAGE_SIZE - 1: what the driver core refuses to store (drivers/base/driver.c, driver_set_override). */
const OVERRIDE_LIMIT = 4095

/** The attributes of a device that can be written, by name. */
export function deviceAttributes(kernel: KernelState, device: PciDeviceState): Readonly<Record<string, AttributeNode>> {
  const { spec } = device
  return {
    driver_override: driverOverride(kernel, device),
    remove: { type: 'attribute', mode: 0o220, store: (text) => removeDevice(kernel, device, text) },
    numa_node: plainAttribute({ text: `${spec.numaNode ?? -1}` }),
    ...powerAttributes(device),
    ...(spec.resetMethods === undefined ? {} : resetAttributes(kernel, device, spec.resetMethods)),
    ...(spec.virtualFunctions === undefined ? {} : virtualFunctionAttributes(kernel, device, spec.virtualFunctions)),
  }
}

/** Up to 6.1 reading and writing take the device's lock, so that both hang while a bind or unbind of it does. */
function driverOverride(kernel: KernelState, device: PciDeviceState): AttributeNode {
  const locked = kernel.personality === '6.1'
  function* underLock<Value>(work: () => Operation<Value>): Operation<Value> {
    return locked ? yield* withDeviceLock(device, work) : yield* work()
  }
  return {
    type: 'attribute',
    mode: 0o644,
    show: () => underLock(atOnce(() => `${device.override ?? '(null)'}\n`)),
    *store(text) {
      if (Buffer.byteLength(text) >= OVERRIDE_LIMIT) return 'EINVAL'
      // A newline or a NUL ends the value; what they leave empty clears the override.
      const [value = ''] = text.split(/[\n\0]/, 1)
      return yield* underLock(
        atOnce(() => {
          device.override = value === '' ? undefined : value
          return 'ok'
        }),
      )
    },
  }
}
