import { readFile, stat, statfs } from 'node:fs/promises'
import { janusError } from '../errors/janus-error.js'

/** What tells of the file system that a path lies on. */
export interface FileSystemSources {
  /** `f_type` of statfs(2). */
  typeOf(path: string): Promise<number>
  /** Number of the device that a path lies on, and the text of proc_pid_mountinfo(5), in which it has its name. */
  deviceOf(path: string): Promise<number>
  mountinfo(): Promise<string>
}

/** File systems that other machines write too, or that pass no lock on: `f_type` as in statfs(2) and linux/magic.h. */
const REMOTE: ReadonlyMap<number, string> = new Map([
  [0x6969, 'nfs'],
  [0x517b, 'smb'],
  [0xff534d42, 'cifs'],
  [0xfe534d42, 'smb2'],
  [0x01021997, '9p'],
  [0x5346414f, 'afs'],
  [0x6b414653, 'afs'],
  [0x00c36400, 'ceph'],
  [0x73757245, 'coda'],
  [0x564c, 'ncp'],
  [0x7461636f, 'ocfs2'],
  [0x01161970, 'gfs2'],
  [0x0bd00bd0, 'lustre'],
  [0x19830326, 'beegfs'],
  [0x47504653, 'gpfs'],
  [0x786f4256, 'vboxsf'],
  [0xbacbacbc, 'vmhgfs'],
])
const FUSE = 0x65735546
/** Of the programs behind FUSE only these are known to keep their files on this machine. */
const LOCAL_FUSE: ReadonlySet<string> = new Set(['fuseblk', 'fuse.fuse-overlayfs', 'fuse.lxcfs', 'fuse.bindfs'])

const SYSTEM: FileSystemSources = {
  typeOf: async (path) => (await statfs(path)).type,
  deviceOf: async (path) => (await stat(path)).dev,
  mountinfo: () => readFile('/proc/self/mountinfo', 'utf8'),
}

/**
 * Refuses a directory on a file system of the network: a lock there need not hold against another machine, and what was written need not be there.
 * @param path absolute; it exists
 * @throws JANUS_STATE_REMOTE naming the file system
 */
export async function requireLocalFileSystem(path: string, sources: FileSystemSources = SYSTEM): Promise<void> {
  const type = Number(BigInt.asUintN(32, BigInt(await sources.typeOf(path))))
  const name = REMOTE.get(type) ?? (type === FUSE ? await remoteFuse(path, sources) : undefined)
  if (name === undefined) return
  throw janusError('JANUS_STATE_REMOTE', `${path} lies on ${name}`, { data: { path, fileSystem: name } })
}

async function remoteFuse(path: string, { deviceOf, mountinfo }: FileSystemSources): Promise<string | undefined> {
  const device = await deviceOf(path)
  const wanted = `${majorOf(device)}:${minorOf(device)}`
  const line = (await mountinfo()).split('\n').find((each) => each.split(' ')[2] === wanted)
  const [type = 'fuse'] = line?.split(' - ')[1]?.split(' ') ?? []
  return LOCAL_FUSE.has(type) ? undefined : type
}

/** makedev(3), as glibc has it. */
function majorOf(device: number): bigint {
  const number = BigInt(device)
  return ((number >> 8n) & 0xfffn) | ((number >> 32n) & ~0xfffn)
}

function minorOf(device: number): bigint {
  const number = BigInt(device)
  return (number & 0xffn) | ((number >> 12n) & ~0xffn & 0xffffffffn)
}
