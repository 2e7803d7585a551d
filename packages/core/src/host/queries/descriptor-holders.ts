import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import type { DescriptorHolder, QueryAnswer } from '../../contract/query.js'
import { deviceNumber } from '../live-host.js'
import { readMountTypes } from './mount-types.js'

/**
 * Finds the processes that hold one of these devices open. A descriptor is compared by the number of the device behind
 * it, so a container that knows the device under another path is found too.
 * @param devices device numbers `major:minor`
 * @returns the holders; `complete` is false when some process could not be looked into
 */
export function findDescriptorHolders(devices: readonly string[]): QueryAnswer<'descriptor-holders'> {
  const wanted = new Set(devices)
  if (wanted.size === 0) return { available: true, holders: [], complete: true }
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const mounts = readMountTypes(pids)
  const holders: DescriptorHolder[] = []
  let complete = true
  for (const pid of pids) {
    const held = descriptorsOf(pid)
    if (held === undefined) {
      complete = false
      continue
    }
    const seen = new Set<string>()
    for (const descriptor of held) {
      const found = deviceBehind(pid, descriptor, mounts)
      if (found === undefined || !wanted.has(found.device) || seen.has(found.device)) continue
      seen.add(found.device)
      holders.push({ pid: Number(pid), name: processName(pid), ...found })
    }
  }
  return { available: true, holders, complete }
}

function descriptorsOf(pid: string): readonly string[] | undefined {
  try {
    return readdirSync(`/proc/${pid}/fd`)
  } catch (error) {
    // A process that ended meanwhile holds nothing.
    const code = (error as NodeJS.ErrnoException).code
    return code === 'ENOENT' || code === 'ESRCH' ? [] : undefined
  }
}

function deviceBehind(pid: string, descriptor: string, mounts: ReadonlyMap<string, string>) {
  const file = `/proc/${pid}/fd/${descriptor}`
  try {
    const path = readlinkSync(file)
    if (!path.startsWith('/') || (!path.startsWith('/dev/') && !isLocal(pid, descriptor, mounts))) return undefined
    const stats = statSync(file)
    if (!stats.isCharacterDevice() && !stats.isBlockDevice()) return undefined
    return { device: deviceNumber(stats.rdev), path }
  } catch {
    // Closed meanwhile.
    return undefined
  }
}

// The stat of a file on a network file system whose server is gone never returns; those hold no devices.
function isLocal(pid: string, descriptor: string, mounts: ReadonlyMap<string, string>): boolean {
  const information = readFileSync(`/proc/${pid}/fdinfo/${descriptor}`, 'utf8')
  const mount = /^mnt_id:\s*(\d+)$/m.exec(information)?.[1] ?? ''
  const type = mounts.get(mount)
  return (
    type !== undefined && !/^(nfs|cifs|smb|fuse|ceph|9p|afs|ocfs|gfs|lustre|gluster|beegfs|autofs|virtiofs)/.test(type)
  )
}

function processName(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').replace(/\n$/, '')
  } catch {
    return '?'
  }
}
