import type { Host } from '../../contract/host.js'
import type { DeviceUse } from '../../contract/inventory.js'
import { listNames } from '../read-value.js'
import type { BlockDevice } from './block-devices.js'

const ZFS_POOLS = '/proc/spl/kstat/zfs'

/** What lies on a disk that nobody uses: partitions and signatures that udev found. A member of an imported ZFS pool is in use. */
export async function findStoredData(
  host: Host,
  disk: BlockDevice,
  blocks: ReadonlyMap<string, BlockDevice>,
): Promise<readonly DeviceUse[]> {
  const parts = [disk, ...[...blocks.values()].filter((block) => block.disk === disk.name)]
  const pool = await importedPool(host, parts)
  if (pool !== undefined) return [pool]
  const contents = parts.flatMap(contentsOf)
  if (contents.length === 0) return []
  return [
    {
      kind: 'data',
      severity: 'notice',
      summary: `${disk.name} holds data: ${contents.map(({ words }) => words).join(', ')}`,
      chain: [disk.name],
      evidence: contents[0]?.evidence ?? disk.path,
    },
  ]
}

async function importedPool(host: Host, parts: readonly BlockDevice[]): Promise<DeviceUse | undefined> {
  const pools = new Set(await listNames(host, ZFS_POOLS))
  const member = parts.find(
    ({ udev }) => udev.get('ID_FS_TYPE') === 'zfs_member' && pools.has(udev.get('ID_FS_LABEL') ?? ''),
  )
  if (member === undefined) return undefined
  const pool = member.udev.get('ID_FS_LABEL') ?? ''
  const summary = `${member.name} is part of the imported ZFS pool ${pool}`
  return { kind: 'zfs', severity: 'blocking', summary, chain: [member.name, pool], evidence: `${ZFS_POOLS}/${pool}` }
}

interface Content {
  readonly words: string
  readonly evidence: string
}

function contentsOf({ name, number, path, udev, isPartition }: BlockDevice): readonly Content[] {
  const signature = udev.get('ID_FS_TYPE') || udev.get('ID_PART_TABLE_TYPE')
  if (signature !== undefined && signature !== '')
    return [{ words: `${name} (${signature})`, evidence: `/run/udev/data/b${number ?? ''}` }]
  return isPartition ? [{ words: `${name} (a partition)`, evidence: `${path}/partition` }] : []
}
