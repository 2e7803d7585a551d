import { directoryNode } from '../file-tree/file-tree.js'
import { type AttributeNode, atOnce, type KernelAnswer, type Operation } from '../file-tree/tree-node.js'
import { attachAllDevices, bind, putLink, release, unbind } from './driver-binding.js'
import type { PciDriverSpec } from './kernel-spec.js'
import type { KernelState, PciDriverState } from './kernel-state.js'

const DRIVERS = '/sys/bus/pci/drivers'

/** Registers a driver: it takes every device without a driver that it matches. */
export function* registerDriver(kernel: KernelState, spec: PciDriverSpec, module: string): Operation<void> {
  const driver: PciDriverState = { spec, name: spec.name, module, dynamicIds: new Set() }
  kernel.drivers.set(spec.name, driver)
  const path = `${DRIVERS}/${spec.name}`
  kernel.tree.put(path, directoryNode({ kernel: true }))
  const order = (store: (text: string) => Operation<KernelAnswer>): AttributeNode => ({
    type: 'attribute',
    mode: 0o200,
    store,
  })
  kernel.tree.put(
    `${path}/bind`,
    order((text) => bind(kernel, driver, text)),
  )
  kernel.tree.put(
    `${path}/unbind`,
    order((text) => unbind(kernel, driver, text)),
  )
  kernel.tree.put(
    `${path}/new_id`,
    order((text) => addId(kernel, driver, text)),
  )
  kernel.tree.put(`${path}/remove_id`, order(atOnce((text: string) => removeId(driver, text))))
  if (kernel.modules.get(module)?.spec.state !== 'built-in') {
    putLink(kernel, `${path}/module`, `/sys/module/${module}`)
    putLink(kernel, `/sys/module/${module}/drivers/pci:${spec.name}`, path)
  }
  yield* attachAllDevices(kernel, driver)
}

/** Takes a driver away: every device it has is unbound, without a word. */
export function* unregisterDriver(kernel: KernelState, driver: PciDriverState): Operation<void> {
  for (const device of [...kernel.devices.values()]) yield* release(kernel, driver, device)
  kernel.drivers.delete(driver.name)
  kernel.tree.remove(`${DRIVERS}/${driver.name}`)
}

/** The first two numbers of `new_id` and `remove_id`, the only ones the model looks at. */
function idOf(text: string): string | undefined {
  const match = /^\s*([0-9a-fA-F]{1,8})\s+([0-9a-fA-F]{1,8})/.exec(text)
  return match === null ? undefined : `${match[1]}:${match[2]}`.toLowerCase()
}

function* addId(kernel: KernelState, driver: PciDriverState, text: string): Operation<KernelAnswer> {
  const id = idOf(text)
  if (id === undefined) return 'EINVAL'
  if (driver.dynamicIds.has(id) || driver.spec.ids?.includes(id)) return 'EEXIST'
  driver.dynamicIds.add(id)
  yield* attachAllDevices(kernel, driver)
  return 'ok'
}

function removeId(driver: PciDriverState, text: string): KernelAnswer {
  const id = idOf(text)
  if (id === undefined) return 'EINVAL'
  return driver.dynamicIds.delete(id) ? 'ok' : 'ENODEV'
}
