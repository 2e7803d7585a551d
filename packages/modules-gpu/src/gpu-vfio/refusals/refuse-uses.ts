import type { DeviceUse, DeviceUseKind, PciAddress } from '@janus/core'
import { oneLine } from '../../one-line.js'
import { insistence } from '../insistence.js'
import { OVERRIDABLE_USES } from '../options.js'
import type { Refusal } from '../refusal.js'
import type { Selection } from '../targets.js'

/** Refuses a device that the host uses, once for each use, unless a human insists on that kind of use. */
export function refuseUses({ options, targets, dependents }: Selection): readonly Refusal[] {
  const own = targets.filter(({ isBound }) => !isBound).map(({ device, uses }) => [device.address, uses] as const)
  const allowed = new Set<DeviceUseKind>(options.allowUse)
  return [...own, ...dependents].flatMap(([address, uses]) =>
    uses.filter((use) => stopsBinding(use) && !allowed.has(use.kind)).map((use) => refuseUse(address, use)),
  )
}

/** Data that nobody uses at the moment is still somebody's data. Virtual functions have an option of their own. */
function stopsBinding({ kind, severity }: DeviceUse): boolean {
  return kind !== 'virtual-functions' && (severity === 'blocking' || kind === 'data')
}

function refuseUse(device: PciAddress, use: DeviceUse): Refusal {
  const isOverridable = (OVERRIDABLE_USES as readonly DeviceUseKind[]).includes(use.kind)
  return {
    reason: `in-use-${use.kind}`,
    device,
    summary: `${device} is in use: ${oneLine(use.summary)}${chainWords(use)}`,
    evidence: [{ path: use.evidence, value: oneLine(use.summary) }],
    ...(isOverridable ? insistence('allowUse', [use.kind]) : {}),
    remedy: REMEDIES[use.kind],
  }
}

function chainWords({ chain }: DeviceUse): string {
  return chain.length < 2 ? '' : ` (${chain.map(oneLine).join(' → ')})`
}

const REMEDIES: Readonly<Record<DeviceUseKind, string>> = {
  mount: 'Unmount the file system.',
  swap: 'Turn the swap area off.',
  'device-mapper': 'Close the device-mapper volumes on it.',
  raid: 'Stop the array, or remove the disk from it.',
  lvm: 'Deactivate the volume group.',
  zfs: 'Export the pool.',
  fstab: 'Take the entry out of /etc/fstab or /etc/crypttab: the next boot would wait for it.',
  loop: 'Detach the loop device.',
  data: 'Make sure that nobody needs what is on the disk.',
  'default-route': 'Give the host another default route.',
  session: 'Log in over another interface.',
  bond: 'Take the interface out of the bond.',
  bridge: 'Take the interface out of the bridge.',
  vlan: 'Remove the VLAN or tunnel on top of the interface.',
  'network-root': 'The host runs from storage behind this interface; use another one.',
  'network-namespace': 'End the container that has the interface, or bring the interface back.',
  address: 'Remove the addresses of the interface.',
  display: 'End the session on this display.',
  'boot-display': 'Make another display the boot display in the firmware.',
  'only-display': 'The host keeps no display without it; have another way in, such as ssh.',
  descriptor: 'End the programs that hold it open: unbinding would wait for them for ever.',
  'last-keyboard': 'Connect a keyboard to another controller.',
  'boot-medium': 'Move the boot medium to another controller.',
  'virtual-functions': 'Turn the virtual functions off.',
  'virtual-machine': 'Shut the virtual machine down.',
}
