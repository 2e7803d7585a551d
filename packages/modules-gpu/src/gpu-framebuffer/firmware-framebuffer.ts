import type { Host, PciDevice } from '@janus/core'

/** The framebuffer that the firmware set up, on its platform driver (drivers/firmware/sysfb.c). */
export interface FirmwareFramebuffer {
  /** `efi-framebuffer`, `simple-framebuffer` or `vesa-framebuffer`. */
  readonly driver: string
  /** `efi-framebuffer.0`. */
  readonly instance: string
}

/** What the memory of a display belongs to, by /proc/iomem. */
export interface RegionOwner {
  readonly name: string
  readonly line: string
}

const DRIVERS = '/sys/bus/platform/drivers'
const FRAMEBUFFER_DRIVERS = ['efi-framebuffer', 'simple-framebuffer', 'vesa-framebuffer']
const REGION_NAMES = /^(?:efifb|vesafb|BOOTFB|simpledrm|simplefb|(?:simple|efi|vesa)-framebuffer.*)$/

/** The framebuffers that are on a driver of the firmware's. */
export async function readFirmwareFramebuffers(host: Host): Promise<readonly FirmwareFramebuffer[]> {
  const found: FirmwareFramebuffer[] = []
  for (const driver of FRAMEBUFFER_DRIVERS) {
    const names = (await host.list(`${DRIVERS}/${driver}`)).value ?? []
    for (const instance of names.filter(
      (name) => /^[A-Za-z0-9_.-]+\.\d+$/.test(name) || /^[0-9a-f]+\.framebuffer$/.test(name),
    )) {
      found.push({ driver, instance })
    }
  }
  return found
}

/** Who owns a region below the memory of a display; without privileges /proc/iomem has names, but no addresses. */
export async function readRegionOwner(host: Host, { address }: PciDevice): Promise<RegionOwner | undefined> {
  const iomem = (await host.readText('/proc/iomem')).value ?? ''
  let depth: number | undefined
  for (const line of iomem.split('\n')) {
    const [, indent = '', name] = /^( *)\S+ : (.*)$/.exec(line) ?? []
    if (name === undefined) continue
    if (depth !== undefined && indent.length <= depth) depth = undefined
    if (depth !== undefined && REGION_NAMES.test(name)) return { name, line: line.trim() }
    if (name === address) depth = indent.length
  }
  return undefined
}
