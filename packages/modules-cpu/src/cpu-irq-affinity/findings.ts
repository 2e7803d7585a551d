import { type Finding, formatCpuList, type Host } from '@janus/core'
import { type Interrupt, readInterrupts } from '../interrupts.js'
import { requestFinding } from '../request-finding.js'
import { readRunningServices } from '../running-services.js'
import { affinityChanges } from './changes.js'
import type { CpuIrqAffinityOptions } from './options.js'
import { findTargets } from './targets.js'

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

/** Whether irqbalance runs, which moves interrupts again within seconds; and what to tell it. */
export async function balancerFinding(host: Host, options: CpuIrqAffinityOptions | undefined): Promise<Finding> {
  const id = 'irqbalance'
  const [running] = await readRunningServices(host, [
    { name: 'irqbalance', traces: ['/run/irqbalance', '/run/irqbalance.pid'] },
  ])
  if (running === undefined) return { id, status: 'ok', summary: 'irqbalance is not seen to run' }
  const banned = await bannedCpus(host, options)
  return {
    id,
    status: 'warn',
    summary: 'irqbalance runs, and moves interrupts again as it sees fit',
    evidence: [running.evidence],
    remedy: `Set IRQBALANCE_BANNED_CPULIST=${banned} in /etc/default/irqbalance (/etc/sysconfig/irqbalance) and restart it, or stop it.`,
  }
}

async function bannedCpus(host: Host, options: CpuIrqAffinityOptions | undefined): Promise<string> {
  if (options?.awayFrom !== undefined) return formatCpuList(options.awayFrom)
  if (options?.onto === undefined) return '<CPUs to keep free>'
  const { online } = await findTargets(host, options).catch(() => ({ online: [] }))
  return formatCpuList(online.filter((cpu) => options.onto?.includes(cpu) !== true))
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
