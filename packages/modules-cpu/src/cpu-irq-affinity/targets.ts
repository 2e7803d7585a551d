import { formatCpuList, type Host, janusError } from '@janus/core'
import { type Interrupt, readInterrupts } from '../interrupts.js'
import { readOnlineCpus, requireOnline } from '../online-cpus.js'
import { readText } from '../read-text.js'
import type { CpuIrqAffinityOptions } from './options.js'

/** An interrupt and where it is to go. */
export interface Target {
  readonly interrupt: Interrupt
  readonly cpus: readonly number[]
}

/** What was asked of the interrupts of a host. */
export interface Targets {
  /** Those that were chosen and whose affinity can be set. */
  readonly movable: readonly Target[]
  /** Those of them whose affinity has to change. */
  readonly moved: readonly Target[]
  /** Those whose affinity would have to change and cannot be set. */
  readonly fixed: readonly Interrupt[]
  /** All that were chosen. */
  readonly chosen: readonly Interrupt[]
  readonly online: readonly number[]
}

/**
 * Decides where each interrupt is to go.
 * @throws JANUS_HOST_UNFIT when no processor would be left, or one is not online; JANUS_DEVICE_NOT_FOUND;
 * JANUS_HOST_LACKS_FEATURE where there are no interrupts to be seen; JANUS_HOST_UNREADABLE
 */
export async function findTargets(host: Host, options: CpuIrqAffinityOptions): Promise<Targets> {
  // What is kept free of interrupts may be offline: it stays free when it comes.
  const online = options.onto === undefined ? await readOnlineCpus(host) : await requireOnline(host, options.onto)
  requireSomeLeft(online, options)
  const chosen = await chooseInterrupts(host, options.devices)
  const targets = chosen.map((interrupt) => ({ interrupt, cpus: allowedCpus(interrupt.affinity, online, options) }))
  const isMoved = ({ interrupt, cpus }: Target) => formatCpuList(cpus) !== formatCpuList(interrupt.affinity)
  const movable = targets.filter(({ interrupt }) => interrupt.fixed === undefined)
  return {
    movable,
    moved: movable.filter(isMoved),
    fixed: targets.filter((target) => !movable.includes(target) && isMoved(target)).map(({ interrupt }) => interrupt),
    chosen,
    online,
  }
}

/**
 * Where something may go that may go to these processors now. What it may use already is kept as far as it is allowed;
 * where nothing of that is left and online, everything that is allowed.
 */
export function allowedCpus(
  present: readonly number[],
  online: readonly number[],
  { awayFrom, onto }: CpuIrqAffinityOptions,
): readonly number[] {
  const isAllowed = (cpu: number) => (onto === undefined ? awayFrom?.includes(cpu) !== true : onto.includes(cpu))
  const kept = present.filter(isAllowed)
  return kept.some((cpu) => online.includes(cpu)) ? kept : online.filter(isAllowed)
}

function requireSomeLeft(online: readonly number[], { awayFrom }: CpuIrqAffinityOptions): void {
  if (awayFrom === undefined || online.some((cpu) => !awayFrom.includes(cpu))) return
  const message = `no CPU would be left for interrupts: ${formatCpuList(online)} are all that are online`
  throw janusError('JANUS_HOST_UNFIT', message, {
    data: { path: '/sys/devices/system/cpu/online', value: formatCpuList(online) },
    remedy: 'Leave at least one CPU to the host.',
  })
}

async function chooseInterrupts(host: Host, devices: readonly string[] | undefined): Promise<readonly Interrupt[]> {
  const all = await readInterrupts(host)
  if (all === undefined) throw await notShown(host)
  if (devices === undefined) return all
  const numbers = new Set((await Promise.all(devices.map((address) => interruptsOf(host, address)))).flat())
  return all.filter(({ number }) => numbers.has(number))
}

async function notShown(host: Host): Promise<Error> {
  const path = '/proc/irq'
  const { unreadable } = await host.list(path)
  if (unreadable !== undefined)
    return janusError('JANUS_HOST_UNREADABLE', `${path} cannot be read: ${unreadable}`, { data: { path } })
  const message = `${host.description} shows no interrupts: there is no ${path}`
  return janusError('JANUS_HOST_LACKS_FEATURE', message, { data: { path }, remedy: 'In a container, ask on its host.' })
}

async function interruptsOf(host: Host, address: string): Promise<readonly number[]> {
  const directory = `/sys/bus/pci/devices/${address}`
  if (!(await host.exists(directory)))
    throw janusError('JANUS_DEVICE_NOT_FOUND', `there is no PCI device ${address}`, { data: { path: directory } })
  const messages = ((await host.list(`${directory}/msi_irqs`)).value ?? []).map(Number)
  if (messages.length > 0) return messages
  // A device without messages shares a line with others; 0 means that it has none.
  const line = Number(await readText(host, `${directory}/irq`))
  return Number.isInteger(line) && line > 0 ? [line] : []
}
