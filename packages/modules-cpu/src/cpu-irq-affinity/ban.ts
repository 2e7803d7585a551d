import { formatCpuList, type Host, parseCpuList, parseCpuMask } from '@janus/core'
import { readText } from '../read-text.js'

/** What irqbalance is to leave to others. */
export interface Ban {
  readonly cpus?: readonly number[]
  readonly interrupts?: readonly number[]
}

/** What irqbalance leaves to others because of what it is started with. */
export interface Banned {
  readonly cpus: readonly number[]
  readonly interrupts: readonly number[]
}

/** True where all of it is left to others. */
export function covers(banned: Banned, { cpus = [], interrupts = [] }: Ban): boolean {
  return (
    cpus.every((cpu) => banned.cpus.includes(cpu)) && interrupts.every((number) => banned.interrupts.includes(number))
  )
}

/** What is banned, for messages. */
export function banWords({ cpus, interrupts = [] }: Ban): string {
  return cpus === undefined ? `interrupts ${formatCpuList(interrupts)}` : `CPU ${formatCpuList(cpus)}`
}

/** The interrupts that words of its command line ban, by `--banirq` or `-i` (irqbalance.c, parse_command_line). */
export function bannedInterrupts(words: string): readonly number[] {
  return [...words.matchAll(/(?:--banirq[= ]|-i\s*)(\d+)/g)].map(([, number]) => Number(number))
}

/**
 * As irqbalance decides it: the mask, without one the list, without one the CPUs that the kernel keeps isolated or without
 * a tick (cputree.c, setup_banned_cpus). What it cannot read counts for none.
 * @param variables its environment
 */
export async function bannedCpus(host: Host, variables: ReadonlyMap<string, string>): Promise<readonly number[]> {
  const mask = variables.get('IRQBALANCE_BANNED_CPUS') ?? ''
  if (mask !== '') return parseCpuMask(mask.includes(',') ? mask : mask.replace(/\B(?=(?:.{8})+$)/g, ',')) ?? []
  const list = variables.get('IRQBALANCE_BANNED_CPULIST') ?? ''
  if (list !== '') return parseCpuList(list) ?? []
  const names = ['isolated', 'nohz_full']
  const kept = await Promise.all(names.map((name) => readText(host, `/sys/devices/system/cpu/${name}`)))
  return [...new Set(kept.flatMap((text) => parseCpuList(text ?? '') ?? []))]
}
