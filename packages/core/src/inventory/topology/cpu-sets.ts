import type { Host } from '../../contract/host.js'
import { parseCpuList, parseCpuMask } from '../cpu-list.js'
import { parseWholeNumber } from '../read-value.js'

/** Directory of the CPUs. */
export const CPUS = '/sys/devices/system/cpu'

/** Text of an attribute without surrounding white space and without the zero bytes that some captures append. */
export async function readAttribute(host: Host, path: string): Promise<string | undefined> {
  return (await host.readText(path)).value?.replaceAll('\0', '').trim()
}

/** A whole number that is not negative: the kernel writes -1 for what it does not know. */
export async function readNumber(host: Host, path: string): Promise<number | undefined> {
  const number = parseWholeNumber(await readAttribute(host, path))
  return number === undefined || number < 0 ? undefined : number
}

/** Attributes that hold a mask of 32-bit words in hex, not a list such as `0-3,8`. Some are all that old kernels have. */
const MASKS = /\/(?:cpumap|cpuaffinity|shared_cpu_map|core_cpus|thread_siblings|local_cpus)$/

/** Reads a set of CPUs from the first of these attributes that holds one. */
export async function readCpuSet(host: Host, paths: readonly string[]): Promise<readonly number[] | undefined> {
  for (const path of paths) {
    const text = await readAttribute(host, path)
    const cpus = text === undefined ? undefined : MASKS.test(path) ? parseCpuMask(text) : parseCpuList(text)
    if (cpus !== undefined) return cpus
  }
  return undefined
}
