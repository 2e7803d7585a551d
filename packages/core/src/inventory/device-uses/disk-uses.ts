import type { DeviceUse, DeviceUseKind } from '../../contract/inventory.js'
import type { PciAddress } from '../../contract/pci-address.js'
import { type BlockDevice, readBlockDevices } from './block-devices.js'
import { createBlockLookup } from './block-lookup.js'
import { type BlockUse, readBlockUses, readBootPartition } from './storage-tables.js'
import { findStoredData } from './stored-data.js'
import type { FoundUse, UseSurvey } from './use-survey.js'

type Blocks = ReadonlyMap<string, BlockDevice>

/** File systems, swap, arrays and volumes on the disks behind a device, up to where they are used; and idle data. */
export async function findDiskUses(survey: UseSurvey): Promise<readonly FoundUse[]> {
  const { host } = survey
  const blocks = await readBlockDevices(host)
  const disks = [...blocks.values()].filter(({ isPartition }) => !isPartition)
  const owned = disks
    .map((disk) => ({ disk, owners: ownersOf(survey, disk) }))
    .filter(({ owners }) => owners.length > 0)
  if (owned.length === 0) return []
  const uses = await readBlockUses(host, blocks, createBlockLookup(host, blocks))
  const boot = await readBootPartition(host)
  const found: FoundUse[] = []
  for (const { disk, owners } of owned) {
    const own = [...climb(disk, blocks, uses), ...bootUse(disk, blocks, boot)]
    const isIdle = own.every(({ severity }) => severity === 'notice')
    const all = isIdle ? [...own, ...(await findStoredData(survey, disk, blocks))] : own
    found.push(...owners.flatMap((address) => all.map((use) => ({ address, use }))))
  }
  return found
}

function ownersOf(survey: UseSurvey, { path, controllers }: BlockDevice): readonly PciAddress[] {
  return [...new Set([path, ...controllers].flatMap((place) => survey.ownersOf(place)))]
}

/** Follows a disk upwards: partitions, what claims them, and what each of these is used for. */
function climb(
  disk: BlockDevice,
  blocks: Blocks,
  uses: ReadonlyMap<string, readonly BlockUse[]>,
): readonly DeviceUse[] {
  const found: DeviceUse[] = []
  const seen = new Set<string>()
  const pending: { readonly device: BlockDevice; readonly chain: readonly string[] }[] = [
    { device: disk, chain: [disk.name] },
  ]
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    const { device, chain } = next
    if (seen.has(device.name)) continue
    seen.add(device.name)
    for (const { kind, severity, words, end, evidence } of uses.get(device.name) ?? []) {
      found.push({ kind, severity, summary: `${nodeOf(device)} ${words}`, chain: [...chain, end], evidence })
    }
    for (const name of device.above) {
      const above = blocks.get(name)
      if (above?.disk !== device.name) found.push(claim(device, name, above, chain))
      if (above !== undefined) pending.push({ device: above, chain: [...chain, name] })
    }
  }
  return found
}

function claim(device: BlockDevice, name: string, above: BlockDevice | undefined, chain: readonly string[]): DeviceUse {
  const [kind, what] = kindOfClaim(name, above)
  return {
    kind,
    severity: 'blocking',
    summary: `${nodeOf(device)} is part of ${what}`,
    chain: [...chain, name],
    evidence: `${device.path}/holders/${name}`,
  }
}

function kindOfClaim(name: string, above: BlockDevice | undefined): readonly [DeviceUseKind, string] {
  const mapping = above?.mapping
  const volume = mapping?.name ?? name
  if (mapping?.uuid.startsWith('LVM-') === true) return ['lvm', `the logical volume ${volume} (${name})`]
  if (mapping?.uuid.startsWith('CRYPT-') === true) return ['device-mapper', `the encrypted volume ${volume} (${name})`]
  if (/^md/.test(name)) return ['raid', `the array ${name}`]
  return ['device-mapper', mapping === undefined ? name : `the volume ${volume} (${name})`]
}

function bootUse(
  disk: BlockDevice,
  blocks: Blocks,
  boot: Awaited<ReturnType<typeof readBootPartition>>,
): readonly DeviceUse[] {
  if (boot === undefined) return []
  const partition = [...blocks.values()].find(
    (block) => block.disk === disk.name && block.udev.get('ID_PART_ENTRY_UUID')?.toLowerCase() === boot.uuid,
  )
  if (partition === undefined) return []
  const summary = `the machine was started from ${nodeOf(partition)}`
  return [
    { kind: 'boot-medium', severity: 'blocking', summary, chain: [disk.name, partition.name], evidence: boot.evidence },
  ]
}

function nodeOf({ name }: BlockDevice): string {
  return `/dev/${name.replaceAll('!', '/')}`
}
