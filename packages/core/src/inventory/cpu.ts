import type { Host } from '../contract/host.js'
import { parseCpuList } from './cpu-list.js'
import { readValue } from './read-value.js'

/** The processors of a host, as far as virtualization needs to know them. */
export interface CpuInformation {
  /** `GenuineIntel`, `AuthenticAMD`, …; undefined where the host does not say (or is not x86). */
  readonly vendor: string | undefined
  readonly model: string | undefined
  /** Flags of the first processor; empty when the host shows none. */
  readonly flags: ReadonlySet<string>
  readonly virtualization: 'vmx' | 'svm' | undefined
  /** Numbers of the processors that are online; undefined when the host does not show it. */
  readonly online: readonly number[] | undefined
  /** Numbers of the NUMA nodes that are online. */
  readonly nodes: readonly number[] | undefined
}

/** Reads the processors from `/proc/cpuinfo` and `/sys/devices/system`. */
export async function readCpu(host: Host): Promise<CpuInformation> {
  const information = (await host.readText('/proc/cpuinfo')).value ?? ''
  const flags = new Set(
    (fieldOf(information, 'flags') ?? fieldOf(information, 'Features') ?? '').split(/\s+/).filter(Boolean),
  )
  return {
    vendor: fieldOf(information, 'vendor_id'),
    model: fieldOf(information, 'model name'),
    flags,
    virtualization: flags.has('vmx') ? 'vmx' : flags.has('svm') ? 'svm' : undefined,
    online: await readOnline(host, information),
    nodes: await readNumbers(host, '/sys/devices/system/node/online'),
  }
}

async function readOnline(host: Host, information: string): Promise<readonly number[] | undefined> {
  const listed = await readNumbers(host, '/sys/devices/system/cpu/online')
  if (listed !== undefined) return listed
  const processors = [...information.matchAll(/^processor\s*:\s*(\d+)\s*$/gm)].map(([, number]) => Number(number))
  return processors.length === 0 ? undefined : processors
}

async function readNumbers(host: Host, path: string): Promise<readonly number[] | undefined> {
  const text = await readValue(host, path)
  return text === undefined ? undefined : parseCpuList(text)
}

function fieldOf(information: string, name: string): string | undefined {
  const value = new RegExp(`^${name}[ \\t]*:[ \\t]*(.*)$`, 'm').exec(information)?.[1]?.trimEnd()
  return value === '' ? undefined : value
}
