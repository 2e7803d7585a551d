import { formatCpuList, formatCpuMask, type Host } from '@janus/core'
import { readOnlineCpus } from '../online-cpus.js'
import { type Balancer, passedArguments, UNIT } from './balancer.js'
import { type Ban, covers } from './ban.js'
import { environmentLine, parseEnvironmentFile, readUnitEnvironment, withFiles } from './unit-environment.js'

/** Where drop-ins of irqbalance are that end with the boot. */
export const DIRECTORY = `/run/systemd/system/${UNIT}.d`
// Drop-ins count in the order of their names, whatever their directory: this one comes after override.conf, which
// `systemctl edit` writes, and after those with numbers.
const NAME = 'zz-janus-cpu-irq-affinity'
const DROP_IN = `${DIRECTORY}/${NAME}.conf`
const ENVIRONMENT = `${DIRECTORY}/${NAME}.env`

const HEADER = [
  '# Written by Janus (cpu-irq-affinity): what irqbalance is to leave alone.',
  '# Undo it with: janus rollback',
]

/** What it takes for irqbalance to leave something alone. */
export type Telling =
  /** Nothing: it does. */
  | { readonly by: 'nothing' }
  /** Its files say it; it was started before they did. */
  | { readonly by: 'restart' }
  /** These files, the text by path in the order in which they are written, and a restart. */
  | { readonly by: 'files'; readonly files: ReadonlyMap<string, string> }
  /** It cannot be told. */
  | { readonly by: 'hand'; readonly because: string }

/**
 * Finds out how irqbalance comes to leave something alone, beside what its files say that it leaves alone.
 * @throws JANUS_HOST_UNREADABLE where the host does not show its CPUs
 */
export async function howToTell(host: Host, balancer: Balancer, ban: Ban): Promise<Telling> {
  const isWritten = covers(balancer.next, ban)
  if (isWritten && covers(balancer.now, ban)) return { by: 'nothing' }
  if (!balancer.isUnit) return { by: 'hand', because: 'it is not run by systemd' }
  if (isWritten) return { by: 'restart' }
  const { cpus, interrupts = [] } = ban
  if (interrupts.length > 0 && balancer.arguments === undefined)
    return { by: 'hand', because: 'its unit passes no arguments on' }
  const banned = [...balancer.next.cpus, ...(cpus ?? [])]
  if (cpus !== undefined && (await readOnlineCpus(host)).every((cpu) => banned.includes(cpu)))
    return { by: 'hand', because: 'with those that it leaves alone already it would be left no CPU' }
  const variables = variablesOf(balancer, ban)
  const present = parseEnvironmentFile((await host.readText(ENVIRONMENT)).value ?? '')
  const files = new Map([
    [ENVIRONMENT, environment(new Map([...present, ...variables]))],
    [DROP_IN, dropIn()],
  ])
  const merged = await readUnitEnvironment(withFiles(host, files), UNIT)
  const isHeard =
    [...variables].every(([name, value]) => merged.variables.get(name) === value) &&
    (interrupts.length === 0 || passedArguments(merged) !== undefined)
  if (isHeard) return { by: 'files', files }
  return { by: 'hand', because: `another drop-in of ${UNIT} goes over what it would be told (systemctl cat ${UNIT})` }
}

/**
 * All that is banned now and is to be. Old versions of irqbalance read the mask alone, later ones may come to read the list
 * alone; while one reads both the mask counts (cputree.c, setup_banned_cpus).
 */
function variablesOf({ next, ...balancer }: Balancer, { cpus, interrupts }: Ban): ReadonlyMap<string, string> {
  const variables = new Map<string, string>()
  if (cpus !== undefined) {
    const banned = [...next.cpus, ...cpus]
    variables.set('IRQBALANCE_BANNED_CPUS', formatCpuMask(banned))
    variables.set('IRQBALANCE_BANNED_CPULIST', formatCpuList(banned))
  }
  if (interrupts !== undefined) {
    const more = interrupts.filter((number) => !next.interrupts.includes(number))
    const words = [balancer.arguments ?? '', ...more.map((number) => `--banirq=${number}`)]
    variables.set('IRQBALANCE_ARGS', words.filter((word) => word !== '').join(' '))
  }
  return variables
}

function environment(variables: ReadonlyMap<string, string>): string {
  return [...HEADER, ...[...variables].map(([name, value]) => environmentLine(name, value)), ''].join('\n')
}

/** A file, because what a file says goes over Environment= (systemd.exec(5)), and every distribution has one. */
function dropIn(): string {
  return [...HEADER, '[Service]', `EnvironmentFile=${ENVIRONMENT}`, ''].join('\n')
}
