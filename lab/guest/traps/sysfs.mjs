import {
  check,
  device,
  driverOverride,
  loadModule,
  readAttribute,
  settleDrivers,
  unloadModule,
  writeAttribute,
} from '../kit.mjs'

export const bus = '/sys/bus/pci'

/** Writes an attribute of a device; what the preparation of a trap rests on has to succeed. */
export async function set(address, name, value) {
  await write(`${bus}/devices/${address}/${name}`, value)
}

/** Hands a device over by sysfs alone, as an administrator's script does; leaves the override. */
export async function bindByHand(address, driver) {
  await set(address, 'driver_override', driver)
  if (device(address).driver === driver) return
  await leaveDriver(address)
  await write(`${bus}/drivers/${driver}/bind`, address)
}

export async function leaveDriver(address) {
  const present = device(address).driver
  if (present) await write(`${bus}/drivers/${present}/unbind`, address)
}

export async function loadVfio() {
  await loadModule('vfio-pci')
}

/** One after the other: `modprobe -r` goes on with what a module used only as far as it alone had loaded it. */
export async function unloadVfio() {
  for (const name of ['vfio-pci', 'vfio_iommu_type1', 'vfio_virqfd', 'vfio', 'irqbypass']) await unloadModule(name)
}

/** Brings a device back to a driver (or none) and an override (as it reads), whatever has become of it. */
export async function bringHome(address, { driver, override }) {
  const present = device(address).driver
  if (present !== driver) {
    await writeAttribute(`${bus}/devices/${address}/driver_override`, driver ?? '\n')
    if (present) await writeAttribute(`${bus}/drivers/${present}/unbind`, address, { timeoutMs: 20_000 })
    if (driver) await writeAttribute(`${bus}/drivers/${driver}/bind`, address, { timeoutMs: 20_000 })
    await settleDrivers()
  }
  const found = await driverOverride(address)
  if (found === override) return
  await writeAttribute(`${bus}/devices/${address}/driver_override`, override === '(null)\n' ? '\n' : override)
}

export async function text(path) {
  const { result, text: content } = await readAttribute(path)
  return result === 'ok' ? content.trim() : `<${result}>`
}

async function write(path, value) {
  const answer = await writeAttribute(path, value)
  if (answer.result !== 'ok') check(`preparing: ${path} takes ${JSON.stringify(value)}`, false, answer)
}
