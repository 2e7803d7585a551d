import { type Host, parseCpuList } from '@janus/core'
import { readText } from '../read-text.js'

/** The switch of the threads (ABI/testing/sysfs-devices-system-cpu). */
export const CONTROL = '/sys/devices/system/cpu/smt/control'
export const ACTIVE = '/sys/devices/system/cpu/smt/active'
export const ONLINE = '/sys/devices/system/cpu/online'

/** The processors of a host as far as the switch of their threads concerns them. */
export interface Survey {
  readonly host: Host
  /** What the switch says; undefined where there is none. */
  readonly control: string | undefined
  readonly active: string | undefined
  readonly online: readonly number[]
  readonly present: readonly number[]
  /** Threads that are online and not the first of their core: those that `off` takes away. */
  readonly secondary: readonly number[]
}

/** Reads it. */
export async function surveySmt(host: Host): Promise<Survey> {
  const [control, active, online, present] = await Promise.all([
    readText(host, CONTROL),
    readText(host, ACTIVE),
    readList(host, ONLINE),
    readList(host, '/sys/devices/system/cpu/present'),
  ])
  const siblings = await Promise.all(online.map((cpu) => readSiblings(host, cpu)))
  const identifiers = await readIdentifiers(host)
  const threads = Math.max(1, ...siblings.map((list) => list.length))
  const secondary = online.filter((cpu, index) =>
    isSecondary(cpu, siblings[index] ?? [], identifiers.get(cpu), threads),
  )
  return { host, control, active, online, present, secondary }
}

/**
 * A first thread has an APIC id whose lowest bits, those that number the threads of a core, are zero: that is how the
 * kernel knows it (arch/x86/kernel/smpboot.c), also while its sibling is offline and no list shows it.
 */
function isSecondary(
  cpu: number,
  siblings: readonly number[],
  identifier: number | undefined,
  threads: number,
): boolean {
  if (identifier === undefined || threads === 1) return siblings.some((sibling) => sibling < cpu)
  return identifier % 2 ** Math.ceil(Math.log2(threads)) !== 0
}

/** The APIC id of each processor that /proc/cpuinfo shows. */
async function readIdentifiers(host: Host): Promise<ReadonlyMap<number, number>> {
  const blocks = ((await host.readText('/proc/cpuinfo')).value ?? '').split('\n\n')
  const field = (block: string, name: string) => new RegExp(`^${name}\\s*:\\s*(\\d+)\\s*$`, 'm').exec(block)?.[1]
  return new Map(
    blocks.flatMap((block) => {
      const [cpu, identifier] = [field(block, 'processor'), field(block, 'apicid')]
      return cpu === undefined || identifier === undefined ? [] : [[Number(cpu), Number(identifier)] as const]
    }),
  )
}

async function readSiblings(host: Host, cpu: number): Promise<readonly number[]> {
  const topology = `/sys/devices/system/cpu/cpu${cpu}/topology`
  const text =
    (await readText(host, `${topology}/thread_siblings_list`)) ?? (await readText(host, `${topology}/core_cpus_list`))
  return text === undefined ? [] : (parseCpuList(text) ?? [])
}

async function readList(host: Host, path: string): Promise<readonly number[]> {
  const text = await readText(host, path)
  return text === undefined ? [] : (parseCpuList(text) ?? [])
}
