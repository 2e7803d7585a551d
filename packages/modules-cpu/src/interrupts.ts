import { type Condition, type Host, parseCpuList } from '@janus/core'
import { readText } from './read-text.js'

/** An interrupt that something handles. */
export interface Interrupt {
  readonly number: number
  /** Attribute of the processors that it may go to. */
  readonly path: string
  /** Processors that it may go to, ascending. */
  readonly affinity: readonly number[]
  /** Those that it goes to now; undefined where the kernel does not say. */
  readonly effective: readonly number[] | undefined
  /** Names of its handlers, separated by commas. */
  readonly actions: string
  /** Hold as long as the number means this interrupt: the kernel gives the number of one that is gone to another. */
  readonly identity: readonly Condition[]
  /** Why its affinity cannot be set, where that can be told beforehand. */
  readonly fixed: string | undefined
}

/** Queues that their drivers let the kernel spread: their affinity is managed (core-api/irq/managed_irq.rst). */
const MANAGED = /^(?:nvme\d+q[1-9]\d*|virtio\d+-req\.\d+)$/

/** Reads the interrupts that have a handler, by number; undefined where the host does not show them. */
export async function readInterrupts(host: Host): Promise<readonly Interrupt[] | undefined> {
  const names = (await host.list('/proc/irq')).value
  if (names === undefined) return undefined
  const numbers = names.filter((name) => /^\d+$/.test(name)).map(Number)
  const found = await Promise.all(
    numbers.sort((left, right) => left - right).map((number) => readInterrupt(host, number)),
  )
  return found.flat()
}

async function readInterrupt(host: Host, number: number): Promise<readonly Interrupt[]> {
  const directory = `/proc/irq/${number}`
  const path = `${directory}/smp_affinity_list`
  const [list, effective, actions, stat] = await Promise.all([
    readText(host, path),
    readText(host, `${directory}/effective_affinity_list`),
    readActions(host, number),
    host.stat(path),
  ])
  const affinity = list === undefined ? undefined : parseCpuList(list)
  if (affinity === undefined || actions === '') return []
  const goes = effective === undefined || effective === '' ? undefined : parseCpuList(effective)
  const identity = await identityOf(host, number, actions)
  // From 6.12 on the file tells; before, it could be written whatever the interrupt is (kernel/irq/proc.c). A snapshot keeps no modes.
  const isReadOnly = host.kind !== 'snapshot' && stat.value !== undefined && (stat.value.mode & 0o200) === 0
  const fixed = reasonOf(number, actions) ?? (isReadOnly ? 'the kernel lets nobody set it' : undefined)
  return [{ number, path, affinity, effective: goes, actions, identity, fixed }]
}

/** Its directory in /proc holds one for each handler, for kernels without /sys/kernel/irq. */
async function readActions(host: Host, number: number): Promise<string> {
  const actions = await readText(host, `/sys/kernel/irq/${number}/actions`)
  if (actions !== undefined) return actions
  const names = (await host.list(`/proc/irq/${number}`)).value ?? []
  return names.filter((name) => !ATTRIBUTES.has(name)).join(',')
}

async function identityOf(host: Host, number: number, actions: string): Promise<readonly Condition[]> {
  const path = `/sys/kernel/irq/${number}/actions`
  if (await host.exists(path)) return [{ kind: 'equals', path, value: actions }]
  return actions.split(',').map((action) => ({ kind: 'exists', path: `/proc/irq/${number}/${action}` }))
}

const ATTRIBUTES: ReadonlySet<string> = new Set([
  'affinity_hint',
  'effective_affinity',
  'effective_affinity_list',
  'node',
  'smp_affinity',
  'smp_affinity_list',
  'spurious',
])

function reasonOf(number: number, actions: string): string | undefined {
  if (number === 0 || actions === 'timer') return 'it is the timer'
  if (number === 2 || actions === 'cascade') return 'it is the cascade of the interrupt controllers'
  // With a single vector the queue of requests shares that of administration, which moves like any other.
  if (actions.split(',').every((action) => MANAGED.test(action)))
    return 'the kernel spreads the queues of its device itself'
  return undefined
}
