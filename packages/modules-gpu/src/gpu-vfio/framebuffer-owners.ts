/** A line of /proc/iomem that shows who owns the memory of a device. */
export interface FramebufferOwner {
  readonly name: string
  readonly line: string
}

/** What the firmware's framebuffer is called while the kernel draws on it without a real driver. */
const HELD_BY_FIRMWARE = /^(?:BOOTFB|simpledrm|simplefb|simple-framebuffer.*)$/
const PCI_FUNCTION = /^[0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$/

/**
 * Finds devices a region of which the framebuffer of the firmware still owns. Regions are nested by indentation.
 * @param iomem content of /proc/iomem; without privileges its addresses are zero, its names are not
 * @returns the owner by address of the device
 */
export function framebufferOwners(iomem: string): ReadonlyMap<string, FramebufferOwner> {
  const owners = new Map<string, FramebufferOwner>()
  let device: { readonly address: string; readonly depth: number } | undefined
  for (const line of iomem.split('\n')) {
    const [, indent = '', name] = /^( *)\S+ : (.*)$/.exec(line) ?? []
    if (name === undefined) continue
    if (device !== undefined && indent.length <= device.depth) device = undefined
    if (device !== undefined && HELD_BY_FIRMWARE.test(name)) owners.set(device.address, { name, line: line.trim() })
    if (device === undefined && PCI_FUNCTION.test(name)) device = { address: name, depth: indent.length }
  }
  return owners
}
