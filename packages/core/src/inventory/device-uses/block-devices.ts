import type { Host } from '../../contract/host.js'
import { parseUdevProperties } from '../parse/tables.js'
import { listNames, readValue } from '../read-value.js'

/** A disk, a partition, or something stacked on them, as sysfs shows it. */
export interface BlockDevice {
  /** Kernel name: `nvme0n1p2`, `dm-0`, `cciss!c0d0`. */
  readonly name: string
  /** Device number `major:minor`. */
  readonly number: string | undefined
  /** Real directory in sysfs. */
  readonly path: string
  /** Real directories of the controllers behind a multipath NVMe disk, which itself lies under none of them. */
  readonly controllers: readonly string[]
  readonly isPartition: boolean
  /** The disk a partition is on. */
  readonly disk: string | undefined
  /** Names of the block devices that lie on top of it: partitions, and what claims it (dm, md, bcache). */
  readonly above: readonly string[]
  /** Name and UUID of a device-mapper volume. */
  readonly mapping: { readonly name: string; readonly uuid: string } | undefined
  /** File or device behind a loop device. */
  readonly backingFile: string | undefined
  /** What udev knows: type, label and UUID of what is on it. */
  readonly udev: ReadonlyMap<string, string>
}

/** Reads every block device that a host shows, by name. */
export async function readBlockDevices(host: Host): Promise<ReadonlyMap<string, BlockDevice>> {
  const paths = await findPaths(host)
  const partitions = new Map<string, string[]>()
  for (const [name, { disk }] of paths) {
    if (disk !== undefined) partitions.set(disk, [...(partitions.get(disk) ?? []), name])
  }
  const devices = new Map<string, BlockDevice>()
  for (const [name, { path, disk }] of paths) {
    const number = await readValue(host, `${path}/dev`)
    devices.set(name, {
      name,
      number,
      path,
      controllers: await readControllers(host, path),
      isPartition: disk !== undefined,
      disk,
      above: [...(partitions.get(name) ?? []), ...(await listNames(host, `${path}/holders`))],
      mapping: await readMapping(host, path),
      backingFile: await readValue(host, `${path}/loop/backing_file`),
      udev: parseUdevProperties((await host.readText(`/run/udev/data/b${number ?? ''}`)).value ?? ''),
    })
  }
  return devices
}

interface BlockPath {
  readonly path: string
  readonly disk: string | undefined
}

// Captured trees of older tools hold /sys/block only, where partitions are directories within their disk.
async function findPaths(host: Host): Promise<ReadonlyMap<string, BlockPath>> {
  const paths = new Map<string, BlockPath>()
  for (const name of await listNames(host, '/sys/class/block')) {
    const path = (await host.readLink(`/sys/class/block/${name}`)).value
    if (path !== undefined) paths.set(name, { path, disk: await diskOf(host, path) })
  }
  if (paths.size > 0) return paths
  for (const name of await listNames(host, '/sys/block')) {
    const path = (await host.readLink(`/sys/block/${name}`)).value ?? `/sys/block/${name}`
    paths.set(name, { path, disk: undefined })
    const children = await listNames(host, path)
    for (const child of children.filter((entry) => entry.startsWith(name))) {
      if (await host.exists(`${path}/${child}/dev`)) paths.set(child, { path: `${path}/${child}`, disk: name })
    }
  }
  return paths
}

async function diskOf(host: Host, path: string): Promise<string | undefined> {
  if (!(await host.exists(`${path}/partition`))) return undefined
  return path.split('/').at(-2)
}

async function readControllers(host: Host, path: string): Promise<readonly string[]> {
  const subsystem = /^(.*\/nvme-subsystem\/[^/]+)\//.exec(path)?.[1]
  if (subsystem === undefined) return []
  const controllers: string[] = []
  for (const name of await listNames(host, subsystem)) {
    const target = /^nvme\d+$/.test(name) ? (await host.readLink(`${subsystem}/${name}`)).value : undefined
    if (target !== undefined) controllers.push(target)
  }
  return controllers
}

async function readMapping(host: Host, path: string): Promise<BlockDevice['mapping']> {
  if (!/\/dm-\d+$/.test(path)) return undefined
  const name = await readValue(host, `${path}/dm/name`)
  return name === undefined ? undefined : { name, uuid: (await readValue(host, `${path}/dm/uuid`)) ?? '' }
}
