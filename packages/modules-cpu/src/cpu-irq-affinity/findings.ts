import { type Finding, formatCpuList, type Host, isJanusError } from '@janus/core'
import { type Interrupt, readInterrupts } from '../interrupts.js'
import { requestFinding } from '../request-finding.js'
import { readBalancer } from './balancer.js'
import { type Ban, banWords } from './ban.js'
import { affinityChanges, banOf } from './changes.js'
import type { CpuIrqAffinityOptions } from './options.js'
import { findTargets } from './targets.js'
import { howToTell } from './telling.js'

const MOST_LINES = 32

/** How many interrupts there are, and which processors handle them now. */
export async function interruptsFinding(host: Host): Promise<Finding> {
  const id = 'interrupts'
  const interrupts = await readInterrupts(host)
  if (interrupts === undefined || interrupts.length === 0) {
    return {
      id,
      status: 'skipped',
      summary: 'the host does not show its interrupts',
      evidence: [{ path: '/proc/irq' }],
    }
  }
  const cpus = new Set(interrupts.flatMap(({ effective = [] }) => effective))
  const fixed = interrupts.filter((interrupt) => interrupt.fixed !== undefined).length
  const summary = `${interrupts.length} interrupts are handled on CPU ${formatCpuList(cpus)}; the affinity of ${fixed} cannot be set`
  return { id, status: 'ok', summary, evidence: [{ path: '/proc/irq' }] }
}

/** Whether irqbalance runs, which moves interrupts again within seconds; whether it knows what to leave alone, and how it learns. */
export async function balancerFinding(host: Host, options: CpuIrqAffinityOptions | undefined): Promise<Finding> {
  const id = 'irqbalance'
  const balancer = await readBalancer(host)
  if (balancer === undefined) return { id, status: 'ok', summary: 'irqbalance is not seen to run' }
  const evidence = [balancer.evidence]
  const ban = options === undefined ? undefined : await readBan(host, options)
  const telling = ban === undefined ? undefined : await howToTell(host, balancer, ban)
  if (ban !== undefined && telling?.by === 'nothing')
    return { id, status: 'ok', summary: `irqbalance runs, and leaves alone ${banWords(ban)}`, evidence }
  if (ban !== undefined && telling?.by === 'restart') {
    const summary = `irqbalance runs, and was started before its files said to leave alone ${banWords(ban)}`
    return { id, status: 'warn', summary, evidence, remedy: 'janus plan cpu-irq-affinity starts it again.' }
  }
  const summary = 'irqbalance runs, and moves interrupts again as it sees fit'
  if (telling?.by === 'files' || (telling === undefined && balancer.isUnit)) {
    const remedy = 'janus plan cpu-irq-affinity tells it what to leave alone, until the next boot.'
    return { id, status: 'warn', summary, evidence, remedy }
  }
  const detail = telling?.by === 'hand' ? { detail: `it is not told: ${telling.because}` } : {}
  return { id, status: 'warn', summary, ...detail, evidence, remedy: byHand(ban) }
}

function byHand({ cpus = [], interrupts }: Ban = {}): string {
  const place = '/etc/default/irqbalance (/etc/sysconfig/irqbalance, /etc/irqbalance.env)'
  const what =
    interrupts === undefined
      ? `Set IRQBALANCE_BANNED_CPULIST=${formatCpuList(cpus) || '<CPUs to keep free>'} in ${place}`
      : `Add ${interrupts.map((number) => `--banirq=${number}`).join(' ')} to IRQBALANCE_ARGS in ${place}`
  return `${what} and restart it, or stop it.`
}

/** What cannot be is told by the finding of what was asked for. */
async function readBan(host: Host, options: CpuIrqAffinityOptions): Promise<Ban | undefined> {
  try {
    return banOf(await findTargets(host, options), options)
  } catch (error) {
    if (!isJanusError(error)) throw error
    return undefined
  }
}

/** Whether what the options ask for is so already, possible, or not; and what stays where it is. */
export async function requestedFinding(host: Host, options: CpuIrqAffinityOptions): Promise<Finding> {
  return requestFinding(host, 'interrupts-requested', async () => {
    const changes = await affinityChanges(host, options)
    const { fixed, chosen } = await findTargets(host, options)
    const unwanted = (cpu: number) =>
      options.onto === undefined ? options.awayFrom?.includes(cpu) === true : !options.onto.includes(cpu)
    const pending = chosen.filter((one) => one.fixed === undefined && one.effective?.some(unwanted) === true)
    const lines = [
      ...fixed.map((interrupt) => `stays: ${words(interrupt)}, because ${interrupt.fixed}`),
      ...(changes.length === 0
        ? pending.map((interrupt) => `moves with its next occurrence: ${words(interrupt)}`)
        : []),
    ]
    const state =
      changes.length === 0 ? 'the interrupts are as asked for already' : `possible: ${changes.length} changes`
    const summary = fixed.length === 0 ? state : `${state}; ${fixed.length} cannot be moved`
    const detail = [
      ...lines.slice(0, MOST_LINES),
      ...(lines.length > MOST_LINES ? [`and ${lines.length - MOST_LINES} more`] : []),
    ]
    return {
      status: 'ok',
      summary,
      ...(detail.length === 0 ? {} : { detail: detail.join('\n') }),
      evidence: fixed.slice(0, MOST_LINES).map(({ path, affinity }) => ({ path, value: formatCpuList(affinity) })),
    }
  })
}

function words({ number, actions, effective, affinity }: Interrupt): string {
  return `interrupt ${number} (${actions}) on CPU ${formatCpuList(effective ?? affinity)}`
}
