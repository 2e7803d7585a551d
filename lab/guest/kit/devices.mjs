import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import { readAttribute } from './attribute.mjs'

const bus = '/sys/bus/pci/devices'

export function pciAddresses() {
  return readdirSync(bus).sort()
}

/** What sysfs says about a device, except for driver_override, whose read can hang (see `driverOverride`). */
export function device(address) {
  const folder = `${bus}/${address}`
  const text = (name) => attempt(() => readFileSync(`${folder}/${name}`, 'utf8').trim())
  const link = (name) => attempt(() => basename(readlinkSync(`${folder}/${name}`)))
  return {
    address,
    class: text('class'),
    vendor: text('vendor'),
    device: text('device'),
    subsystemVendor: text('subsystem_vendor'),
    subsystemDevice: text('subsystem_device'),
    driver: link('driver') ?? null,
    group: link('iommu_group') ?? null,
    numaNode: text('numa_node'),
    resetMethod: text('reset_method') ?? null,
    totalVfs: text('sriov_totalvfs') ?? null,
    numVfs: text('sriov_numvfs') ?? null,
    bootVga: text('boot_vga') ?? null,
    path: attempt(() => readlinkSync(folder)),
  }
}

export function devices() {
  return pciAddresses().map(device)
}

/** The bytes of driver_override, or `<hang>` / `<ENOENT>` where it cannot be read. */
export async function driverOverride(address, options) {
  const answer = await readAttribute(`${bus}/${address}/driver_override`, options)
  return answer.result === 'ok' ? answer.text : `<${answer.result}>`
}

export function groupMembers(address) {
  return attempt(() => readdirSync(`${bus}/${address}/iommu_group/devices`).sort()) ?? []
}

function attempt(read) {
  try {
    return read()
  } catch {
    return undefined
  }
}
