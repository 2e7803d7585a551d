import { type Evidence, type Host, readSystemdUnits } from '@janus/core'
import { readText } from '../read-text.js'
import { readRunningServices } from '../running-services.js'
import { type Banned, bannedCpus, bannedInterrupts } from './ban.js'
import { readUnitEnvironment, type UnitEnvironment } from './unit-environment.js'

/** The unit of irqbalance, of that name in every distribution. */
export const UNIT = 'irqbalance.service'

/** An irqbalance that runs: every ten seconds it moves interrupts as it sees fit. */
export interface Balancer {
  readonly evidence: Evidence
  /** systemd runs it, and can be told what to start it with. */
  readonly isUnit: boolean
  /** What it leaves alone now: by what its process was started with, where that cannot be read by its files. */
  readonly now: Banned
  /** What it leaves alone when it is started again: by its files. */
  readonly next: Banned
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
  const environment = await readUnitEnvironment(host, UNIT)
  const next = {
    cpus: await bannedCpus(host, environment.variables),
    interrupts: bannedInterrupts(wordsOf(environment)),
  }
  const process = group === undefined ? {} : await readProcess(host, group)
  return {
    evidence: running.evidence,
    isUnit: group !== undefined,
    now: { ...next, ...process },
    next,
    arguments: passedArguments(environment),
  }
}

/**
 * What is passed on of `IRQBALANCE_ARGS`. Only of a variable that is a word by itself, without braces, systemd makes several
 * arguments (systemd.service(5), Command lines).
 */
export function passedArguments({ command, variables }: UnitEnvironment): string | undefined {
  return ARGUMENTS.test(command) ? (variables.get('IRQBALANCE_ARGS') ?? '') : undefined
}

const ARGUMENTS = /(?<!\S)\$IRQBALANCE_ARGS(?!\S)/

function wordsOf(environment: UnitEnvironment): string {
  return environment.command.replace(ARGUMENTS, () => passedArguments(environment) ?? '')
}

/**
 * Files may have been changed since it was started. Its environment is root's to read; a snapshot holds neither. Between fork
 * and exec a process shows those of systemd, and is not called irqbalance yet.
 */
async function readProcess(host: Host, group: string): Promise<Partial<Banned>> {
  for (const pid of ((await readText(host, `${group}/cgroup.procs`)) ?? '').split('\n')) {
    if (!/^\d+$/.test(pid) || (await readText(host, `/proc/${pid}/comm`)) !== 'irqbalance') continue
    const environment = (await host.readText(`/proc/${pid}/environ`)).value
    const words = (await host.readText(`/proc/${pid}/cmdline`)).value
    return {
      ...(environment === undefined ? {} : { cpus: await bannedCpus(host, variablesOf(environment)) }),
      ...(words === undefined ? {} : { interrupts: bannedInterrupts(words.replaceAll('\0', ' ')) }),
    }
  }
  return {}
}

function variablesOf(environment: string): ReadonlyMap<string, string> {
  return new Map(
    environment.split('\0').map((one) => {
      const end = one.indexOf('=')
      return [one.slice(0, end), one.slice(end + 1)] as const
    }),
  )
}
