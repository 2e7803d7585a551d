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
  /** Threads that are online and share a core with a lower one: those that `off` takes away. */
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
  const secondary = online.filter((cpu, index) => siblings[index]?.some((sibling) => sibling < cpu) === true)
  return { host, control, active, online, present, secondary }
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
