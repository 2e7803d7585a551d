import { formatCpuList, type Host, parseCpuList } from '@janus/core'
import { type CgroupTree, readCgroupTree } from './cgroup-tree.js'
import type { CpuIsolationOptions } from './options.js'

/** What decides how processors can be isolated. */
export interface Situation {
  readonly tree: CgroupTree
  /** Processors that are online; undefined where the host does not show them. */
  readonly online: readonly number[] | undefined
  readonly present: readonly number[] | undefined
  /** By `isolcpus=`: the scheduler leaves them alone since boot. */
  readonly bootIsolated: readonly number[]
  /** By `nohz_full=`. */
  readonly tickless: readonly number[]
  /** systemd is process 1, and the cgroup tree is its own (sd_booted(3), systemd.io/CGROUP_DELEGATION). */
  readonly hasSystemd: boolean
}

const CPU = '/sys/devices/system/cpu'

/** Reads it all. */
export async function readSituation(host: Host): Promise<Situation> {
  const numbers = async (name: string) => {
    const text = (await host.readText(`${CPU}/${name}`)).value
    // A kernel without nohz_full prints `(null)`.
    return text === undefined ? undefined : parseCpuList(text)
  }
  const [tree, online, present, isolated, tickless, hasSystemd] = await Promise.all([
    readCgroupTree(host),
    numbers('online'),
    numbers('present'),
    numbers('isolated'),
    numbers('nohz_full'),
    isSystemd(host),
  ])
  return { tree, online, present, bootIsolated: isolated ?? [], tickless: tickless ?? [], hasSystemd }
}

/** sd_booted(3); a captured machine shows no empty directory, but what process 1 is. */
async function isSystemd(host: Host): Promise<boolean> {
  if (await host.exists('/run/systemd/system')) return true
  return (await host.readText('/proc/1/comm')).value?.trim() === 'systemd'
}

/** How the options want it done on this host. */
export function modeOf(options: CpuIsolationOptions, { hasSystemd }: Situation): 'partition' | 'restrict' | 'systemd' {
  return options.mode ?? (hasSystemd ? 'systemd' : 'partition')
}

/** Name of Janus' own cgroup. */
export function groupOf(options: CpuIsolationOptions, mode: 'partition' | 'restrict'): string {
  return options.group ?? (mode === 'partition' ? 'janus.slice' : 'janus-host.slice')
}

/** The processors of `these` that are not among `those`, as a list. */
export function without(these: readonly number[], those: readonly number[]): readonly number[] {
  return these.filter((number) => !those.includes(number))
}

/** The processors that are in both. */
export function common(these: readonly number[], those: readonly number[]): readonly number[] {
  return these.filter((number) => those.includes(number))
}

/** A list for messages: `processor 3`, `processors 2-3`. */
export function cpuWords(cpus: readonly number[]): string {
  return `processor${cpus.length === 1 ? '' : 's'} ${formatCpuList(cpus)}`
}
