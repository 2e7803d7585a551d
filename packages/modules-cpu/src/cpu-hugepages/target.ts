import { type Host, janusError, type PciAddress, readHugepages, readMemory, readPciDevice } from '@janus/core'
import type { CpuHugepagesOptions } from './options.js'

const GIGANTIC_KIB = 1024 * 1024

/** What is to be reserved, with the host's own answers for what was left out. */
export interface HugepageTarget {
  readonly pages: number
  /** Undefined where the host does not show its default size. */
  readonly sizeKiB: number | undefined
  readonly node: number | undefined
  /** Pages of 1 GiB and more: memory for them is there for certain only while the kernel starts. */
  readonly isGigantic: boolean
  /** Pages of the host's default size. */
  readonly isDefaultSize: boolean
}

/**
 * Reads the target of the options; undefined where they say nothing about pages.
 * @throws JANUS_DEVICE_NOT_FOUND; JANUS_HOST_UNFIT for a device of which the firmware does not say its node
 */
export async function readTarget(host: Host, options: CpuHugepagesOptions): Promise<HugepageTarget | undefined> {
  const { pages, size, node, near } = options
  if (pages === undefined) return undefined
  const { hugepageSizeKiB } = await readMemory(host)
  const sizeKiB = size ?? hugepageSizeKiB
  return {
    pages,
    sizeKiB,
    node: near === undefined ? node : await nodeOf(host, near),
    isGigantic: (sizeKiB ?? 0) >= GIGANTIC_KIB,
    isDefaultSize: sizeKiB === hugepageSizeKiB,
  }
}

/** Where there is one node every device is near it; of several, a guess would be wrong as often as not. */
async function nodeOf(host: Host, address: PciAddress): Promise<number | undefined> {
  const device = await readPciDevice(host, address)
  if (device === undefined) throw janusError('JANUS_DEVICE_NOT_FOUND', `${host.description} has no device ${address}`)
  const path = `${device.path}/numa_node`
  const text = (await host.readText(path)).value?.trim()
  const node = text === undefined ? -1 : Number(text)
  if (node >= 0) return node
  const nodes = [...new Set((await readHugepages(host)).map((pool) => pool.node ?? 0))]
  if (nodes.length <= 1) return undefined
  const message = `the firmware does not say on which of the nodes ${nodes.join(', ')} ${address} is (${path}: ${text ?? 'absent'})`
  throw janusError('JANUS_HOST_UNFIT', message, {
    remedy: 'Name the node with -o node=<number>; the manual of the board says which slot belongs to which processor.',
    data: { path, value: text ?? null, nodes },
  })
}
