import type { Evidence, Finding, Host, PciAddress } from '@janus/core'
import { addressInId, deviceWords } from '../device-words.js'
import type { Selection } from '../gpu-vfio/targets.js'
import type { InstalledBindings } from './installed-bindings.js'

/** What a device on VFIO may be used for by the host after another boot, and only a driver of the host would show. */
export interface HiddenUse {
  readonly id: string
  readonly device: PciAddress
  readonly summary: string
  readonly evidence: readonly Evidence[]
}

/** By base class (PCI Code and ID Assignment Specification); that a display is the boot display, or the only one, sysfs shows without a driver. */
const HIDDEN: Readonly<Record<string, string>> = {
  '01': 'what is on its disks, and what the host keeps there',
  '02': 'which addresses, routes and sessions the host has over it',
  '03': 'whether a monitor shows the host on it',
  '0c': 'whether the last keyboard or the boot medium of the host is behind it',
}

/**
 * What a driver of the host registers below its device: by them its uses are found, and with the driver they go. In a profile that
 * binds the device first, a plan finds it on VFIO while they are still there.
 */
const REGISTERED = /^(?:drm|graphics|net|infiniband|nvme|(?:ata|host|usb|virtio)\d+)$/

/** What cannot be asked about targets that are on VFIO now. Of those that a boot binds already it was asked before. */
export async function findHiddenUses(
  host: Host,
  { targets }: Selection,
  installed: readonly InstalledBindings[],
): Promise<readonly HiddenUse[]> {
  const known = new Set(installed.flatMap(({ bindings }) => bindings.map(({ address }) => address)))
  const uses: HiddenUse[] = []
  for (const { device, isBound } of targets) {
    const hidden = HIDDEN[device.class.slice(0, 2)]
    if (!isBound || hidden === undefined || known.has(device.address)) continue
    if ((await host.list(device.path)).value?.some((name) => REGISTERED.test(name))) continue
    const summary = `${deviceWords(device)} is on ${device.driver} now: ${hidden}, cannot be seen`
    const evidence = [{ path: `${device.path}/driver`, value: device.driver ?? '' }]
    uses.push({ id: `uses-${addressInId(device)}`, device: device.address, summary, evidence })
  }
  return uses
}

/** The same as findings. */
export function hiddenUseFindings(uses: readonly HiddenUse[]): readonly Finding[] {
  return uses.map(({ id, summary, evidence }) => ({
    id,
    status: 'skipped',
    summary,
    evidence,
    remedy: 'Make sure that the host does without the device before every boot binds it.',
  }))
}
