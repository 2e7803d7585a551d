import { type Host, janusError, type PciAddress, type PciDevice, type Query, readPciDevices } from '@janus/core'
import { readDrmNumbers, readNumber } from '../drm-numbers.js'
import { findDevices } from '../find-devices.js'
import { type Holders, readHolders } from '../holders.js'
import { readConsoles, type VirtualConsole } from './consoles.js'
import {
  type FirmwareFramebuffer,
  type RegionOwner,
  readFirmwareFramebuffers,
  readRegionOwner,
} from './firmware-framebuffer.js'
import { readSeat, type Seat } from './seat.js'

/** A display and everything of the console that holds it. */
export interface Display {
  readonly device: PciDevice
  /** The framebuffer of the firmware, when it lies in the memory of this display. */
  readonly firmware: FirmwareFramebuffer | undefined
  readonly region: RegionOwner | undefined
  /** Names of its framebuffers, as in /proc/fb: `0 EFI VGA`. */
  readonly framebuffers: readonly string[]
  /** Framebuffers of other displays: the console stays on them. */
  readonly others: readonly string[]
  readonly consoles: readonly VirtualConsole[]
  /** Device numbers of its DRM nodes and framebuffers. */
  readonly numbers: readonly string[]
  readonly holders: Holders
  readonly seat: Seat
  /** False on a captured host that shows neither framebuffers nor virtual consoles. */
  readonly isShown: boolean
}

/** The display that a check is about when none is named: the one the firmware started on, or the only one. */
export async function findConsoleDisplay(host: Host): Promise<PciDevice | undefined> {
  const displays = (await readPciDevices(host)).filter(({ isDisplay }) => isDisplay)
  return displays.find(({ bootDisplay }) => bootDisplay === true) ?? (displays.length === 1 ? displays[0] : undefined)
}

/**
 * The display that the options name, or the console's.
 * @throws JANUS_DEVICE_NOT_FOUND with near matches, or when the host shows none
 */
export async function requireDisplay(host: Host, address: PciAddress | undefined): Promise<PciDevice> {
  const [named] = address === undefined ? [] : findDevices(host.description, await readPciDevices(host), [address])
  const device = named ?? (await findConsoleDisplay(host))
  if (device !== undefined) return device
  const message = `${host.description} shows no display that the firmware started on`
  throw janusError('JANUS_DEVICE_NOT_FOUND', message, { remedy: 'Name the display with the option device.' })
}

/** Reads what holds a display. */
export async function readDisplay(host: Host, query: Query, device: PciDevice): Promise<Display> {
  const [region, consoles] = await Promise.all([readRegionOwner(host, device), readConsoles(host)])
  const candidates = await readFirmwareFramebuffers(host)
  // Where the driver could not reserve its region, it is the display that the firmware started on and nobody drives.
  const isFirmware = region !== undefined || (device.bootDisplay === true && device.driver === undefined)
  const firmware = isFirmware ? candidates[0] : undefined
  const listing = (await host.readText('/proc/fb')).value
  const all = (listing ?? '').split('\n').filter((line) => /^\d+ /.test(line))
  const own: string[] = []
  // simpledrm makes its card below the device of the firmware's framebuffer, not below the display.
  const platform = firmware === undefined ? [] : [{ path: `/sys/bus/platform/devices/${firmware.instance}` }]
  const numbers: string[] = []
  for (const parent of [device, ...platform]) numbers.push(...(await readDrmNumbers(host, parent)))
  for (const line of all) {
    const path = `/sys/class/graphics/fb${line.slice(0, line.indexOf(' '))}`
    const target = (await host.readLink(path)).value
    const parts = target?.split('/') ?? []
    const isOwn =
      parts.includes(device.address) ||
      (firmware !== undefined && (parts.includes(firmware.instance) || (target === undefined && all.length === 1)))
    if (!isOwn) continue
    own.push(line)
    numbers.push(...(await readNumber(host, `${path}/dev`)))
  }
  return {
    device,
    firmware,
    region,
    framebuffers: own,
    others: all.filter((line) => !own.includes(line)),
    consoles,
    isShown: host.kind === 'live' || listing !== undefined || consoles.length > 0,
    numbers: [...new Set(numbers)],
    holders: await readHolders(host, query, numbers),
    seat: await readSeat(host),
  }
}

/** The console that draws on the framebuffers of this display and no other. */
export function boundConsole({ consoles, framebuffers, others }: Display): VirtualConsole | undefined {
  if (framebuffers.length === 0 || others.length > 0) return undefined
  return consoles.find(({ isFramebuffer, isBound }) => isFramebuffer && isBound)
}
