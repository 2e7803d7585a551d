import { type Evidence, type Host, parseCpuList, parseCpuMask, readSystemdUnits } from '@janus/core'
import { readText } from '../read-text.js'
import { readRunningServices } from '../running-services.js'
import { readUnitEnvironment } from './unit-environment.js'

/** The unit of irqbalance, of that name in every distribution. */
export const UNIT = 'irqbalance.service'

/** An irqbalance that runs: every ten seconds it moves interrupts as it sees fit. */
export interface Balancer {
  readonly evidence: Evidence
  /** systemd runs it, and can be told what to start it with. */
  readonly isUnit: boolean
  /** CPUs that it gives no interrupt to now. */
  readonly bannedCpus: readonly number[]
  /** Interrupts that it leaves alone now, because somebody said so. */
  readonly bannedInterrupts: readonly number[]
  /** `IRQBALANCE_ARGS`; undefined where its unit does not pass them on. */
  readonly arguments: string | undefined
}

/** Looks for irqbalance; undefined where it is not seen to run. */
export async function readBalancer(host: Host): Promise<Balancer | undefined> {
  const group = (await readSystemdUnits(host, [UNIT])).get(UNIT)
  const [running] = await readRunningServices(host, [
    { name: 'irqbalance', traces: ['/run/irqbalance', '/run/irqbalance.pid'] },
  ])
  if (running === undefined) return undefined
  const { variables, command } = await readUnitEnvironment(host, UNIT)
  const passed = variables.get('IRQBALANCE_ARGS') ?? ''
  const takesArguments = /\$\{?IRQBALANCE_ARGS\b/.test(command)
  return {
    evidence: running.evidence,
    isUnit: group !== undefined,
    bannedCpus: await bannedCpus(host, variables),
    bannedInterrupts: [...passed.matchAll(/(?:--banirq[= ]|-i\s*)(\d+)/g)].map(([, number]) => Number(number)),
    arguments: takesArguments ? passed : undefined,
  }
}

/**
 * As irqbalance decides it: the mask, without one the list, without one the CPUs that the kernel keeps isolated or without
 * a tick (cputree.c, setup_banned_cpus). What it cannot read counts for none.
 */
async function bannedCpus(host: Host, variables: ReadonlyMap<string, string>): Promise<readonly number[]> {
  const mask = variables.get('IRQBALANCE_BANNED_CPUS') ?? ''
  if (mask !== '') return parseCpuMask(mask.includes(',') ? mask : mask.replace(/\B(?=(?:.{8})+$)/g, ',')) ?? []
  const list = variables.get('IRQBALANCE_BANNED_CPULIST') ?? ''
  if (list !== '') return parseCpuList(list) ?? []
  const names = ['isolated', 'nohz_full']
  const kept = await Promise.all(names.map((name) => readText(host, `/sys/devices/system/cpu/${name}`)))
  return [...new Set(kept.flatMap((text) => parseCpuList(text ?? '') ?? []))]
}
