import { type Change, formatCpuList, formatCpuMask, type Host, parseCpuMask, type UndoChange } from '@janus/core'
import { readText } from '../read-text.js'
import { readBalancer } from './balancer.js'
import { balancerChanges } from './balancer-changes.js'
import type { Ban } from './ban.js'
import type { CpuIrqAffinityOptions } from './options.js'
import { allowedCpus, findTargets, type Target, type Targets } from './targets.js'
import { howToTell, type Telling } from './telling.js'

/** Where interrupts go that are asked for later. */
export const DEFAULT_MASK = '/proc/irq/default_smp_affinity'

/** Who else sets an affinity: nobody; irqbalance, among the CPUs that it is left; or irqbalance until this plan tells it not to. */
type Rival = 'none' | 'balances' | 'told'

/**
 * One write per interrupt, and where all are meant, one for those to come. Where irqbalance runs it is told first.
 * @throws JANUS_HOST_UNFIT, JANUS_DEVICE_NOT_FOUND, JANUS_HOST_LACKS_FEATURE, JANUS_HOST_UNREADABLE
 */
export async function affinityChanges(host: Host, options: CpuIrqAffinityOptions): Promise<readonly Change[]> {
  const targets = await findTargets(host, options)
  const balancer = await readBalancer(host)
  const ban = banOf(targets, options)
  const telling = balancer === undefined ? undefined : await howToTell(host, balancer, ban)
  const rival = rivalOf(telling, ban)
  // Until it is told it may move those, too, that are where they are to be: from then on they stay wherever that was.
  const written = rival === 'told' ? targets.movable : targets.moved
  return [
    ...(balancer && telling ? await balancerChanges(host, balancer, telling, ban) : []),
    ...(options.devices === undefined ? await defaultChanges(host, targets.online, options) : []),
    ...written.map((target) => affinityChange(target, rival)),
  ]
}

/** What irqbalance has to leave alone: CPUs, or where single devices are meant their interrupts. */
export function banOf({ movable, online }: Targets, { awayFrom, onto, devices }: CpuIrqAffinityOptions): Ban {
  if (devices !== undefined) return { interrupts: movable.map(({ interrupt }) => interrupt.number) }
  return { cpus: awayFrom ?? online.filter((cpu) => onto?.includes(cpu) !== true) }
}

function rivalOf(telling: Telling | undefined, ban: Ban): Rival {
  if (telling === undefined) return 'none'
  if (ban.interrupts === undefined || telling.by === 'hand') return 'balances'
  return telling.by === 'nothing' ? 'none' : 'told'
}

function affinityChange({ interrupt, cpus }: Target, rival: Rival): Change {
  const { path, number, actions, affinity, identity } = interrupt
  const [from, value] = [formatCpuList(affinity), formatCpuList(cpus)]
  const mayDiffer = { fromMayDiffer: true } as const
  const undo: UndoChange = {
    kind: 'write-attribute',
    path,
    // Once irqbalance leaves the interrupt alone, what is found there is somebody else's.
    ...(rival === 'balances' ? mayDiffer : { from: value }),
    value: from,
    why: `undo: interrupt ${number} could go to CPU ${from} before`,
    expect: identity,
    verify: [{ kind: 'equals', path, value: from }],
    scope: 'runtime',
  }
  return {
    kind: 'write-attribute',
    path,
    // What irqbalance made of it since, before it was told or among the CPUs that it is left, makes no plan stale.
    ...(rival === 'none' ? { from } : mayDiffer),
    value,
    why:
      from === value
        ? `keep interrupt ${number} (${shortened(actions)}) on CPU ${value}, wherever irqbalance has put it since`
        : `let interrupt ${number} (${shortened(actions)}) go to CPU ${value} instead of ${from}`,
    expect: identity,
    verify: [{ kind: rival === 'balances' ? 'within' : 'equals', path, value }],
    scope: 'runtime',
    undo: from === value ? [] : [undo],
    // Only the kernel's debugging files would tell beforehand. Of a managed one 6.1 says EIO, later ones EPERM; on x86 each
    // processor has some 200 vectors, and irq_matrix_alloc says ENOSPC when none is left (kernel/irq/matrix.c).
    mayFail: {
      errors: ['EIO', 'EPERM', 'ENOSPC'],
      because:
        'the kernel manages this interrupt itself (EIO, EPERM), or these CPUs have no vector left for it (ENOSPC)',
    },
  }
}

async function defaultChanges(
  host: Host,
  online: readonly number[],
  options: CpuIrqAffinityOptions,
): Promise<readonly Change[]> {
  const text = await readText(host, DEFAULT_MASK)
  const present = text === undefined ? undefined : parseCpuMask(text)
  if (present === undefined) return []
  const cpus = allowedCpus(present, online, options)
  const [from, value] = [formatCpuMask(present), formatCpuMask(cpus)]
  if (from === value) return []
  const why = `let interrupts that are asked for later go to CPU ${formatCpuList(cpus)}`
  return [
    {
      kind: 'write-attribute',
      path: DEFAULT_MASK,
      from,
      value,
      why,
      verify: [{ kind: 'equals', path: DEFAULT_MASK, value }],
      scope: 'runtime',
    },
  ]
}

/** Names of handlers come from drivers; there may be many on a shared line. */
function shortened(actions: string): string {
  const text = actions.replace(/[^ -~]/g, '?')
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
