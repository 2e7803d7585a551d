import type { Evidence, Finding, PciAddress } from '@janus/core'
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

/** What cannot be asked about targets that are on VFIO now. Of those that a boot binds already it was asked before. */
export function findHiddenUses({ targets }: Selection, installed: readonly InstalledBindings[]): readonly HiddenUse[] {
  const known = new Set(installed.flatMap(({ bindings }) => bindings.map(({ address }) => address)))
  return targets.flatMap(({ device, isBound }) => {
    const hidden = HIDDEN[device.class.slice(0, 2)]
    if (!isBound || hidden === undefined || known.has(device.address)) return []
    const summary = `${deviceWords(device)} is on ${device.driver} now: ${hidden}, cannot be seen`
    const evidence = [{ path: `${device.path}/driver`, value: device.driver ?? '' }]
    return [{ id: `uses-${addressInId(device)}`, device: device.address, summary, evidence }]
  })
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
