import type { Host } from '../../contract/host.js'
import type { DeviceUse } from '../../contract/inventory.js'
import type { Query } from '../../contract/query.js'
import { listNames } from '../read-value.js'
import type { BlockDevice } from './block-devices.js'
import type { UseSurvey } from './use-survey.js'

const ZFS_POOLS = '/proc/spl/kstat/zfs'

/**
 * What lies on a disk that nobody uses: partitions and signatures that udev found. A member of an imported ZFS pool is
 * in use. Only where udev knows nothing at all of a disk without partitions are its first bytes read (it would
 * have to spin up): a captured host cannot tell, and says nothing.
 */
export async function findStoredData(
  { host, query }: UseSurvey,
  disk: BlockDevice,
  blocks: ReadonlyMap<string, BlockDevice>,
): Promise<readonly DeviceUse[]> {
  const parts = [disk, ...[...blocks.values()].filter((block) => block.disk === disk.name)]
  const pool = await importedPool(host, parts)
  if (pool !== undefined) return [pool]
  const contents = [...parts.flatMap(contentsOf), ...(parts.length > 1 ? [] : await signatureOf(query, disk))]
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

async function signatureOf(query: Query, { name, number, udev }: BlockDevice): Promise<readonly Content[]> {
  if (number === undefined || udev.size > 0) return []
  const answer = await query('disk-signature', { name, device: number })
  if (!answer.available || answer.signature === null) return []
  return [{ words: `${name} (${answer.signature})`, evidence: `/dev/${name.replaceAll('!', '/')}` }]
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
