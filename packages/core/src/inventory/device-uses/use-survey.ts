import type { Host } from '../../contract/host.js'
import type { DeviceUse, PciDevice } from '../../contract/inventory.js'
import { isPciAddress, type PciAddress } from '../../contract/pci-address.js'
import type { Query } from '../../contract/query.js'

/** What the finders of uses work on. */
export interface UseSurvey {
  readonly host: Host
  readonly query: Query
  /** The devices asked about. */
  readonly devices: readonly PciDevice[]
  /**
   * Devices asked about that something in sysfs belongs to: the function it sits on, and endpoints above that (a disk
   * behind a VMD controller is lost with the controller). Bridges are not: they are never bound.
   */
  ownersOf(sysfsPath: string): readonly PciAddress[]
}

/** A use and the device it is of. */
export interface FoundUse {
  readonly address: PciAddress
  readonly use: DeviceUse
}

/** Finds one way in which devices are used. */
export type UseFinder = (survey: UseSurvey) => Promise<readonly FoundUse[]>

/** Makes a survey of these devices. */
export function createUseSurvey(host: Host, query: Query, devices: readonly PciDevice[]): UseSurvey {
  const wanted = new Map(devices.map((device) => [device.address, device]))
  return {
    host,
    query,
    devices,
    ownersOf(sysfsPath) {
      const above = sysfsPath.split('/').filter(isPciAddress)
      const nearest = above.at(-1)
      return above.filter((address) => {
        const device = wanted.get(address)
        return device !== undefined && (address === nearest || device.role !== 'bridge')
      })
    },
  }
}
