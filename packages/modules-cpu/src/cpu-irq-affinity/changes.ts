import { type Change, formatCpuList, formatCpuMask, type Host, parseCpuMask } from '@janus/core'
import { readText } from '../read-text.js'
import { readBalancer } from './balancer.js'
import { type Ban, balancerChanges, canBeTold } from './balancer-changes.js'
import type { CpuIrqAffinityOptions } from './options.js'
import { allowedCpus, findTargets, type Target, type Targets } from './targets.js'

/** Where interrupts go that are asked for later. */
export const DEFAULT_MASK = '/proc/irq/default_smp_affinity'

/** Who else sets an affinity: nobody; irqbalance, among the CPUs that it is left; or irqbalance until it is told not to. */
type Rival = 'none' | 'balances' | 'told'

/**
 * One write per interrupt, and where all are meant, one for those to come. Where irqbalance runs it is told first.
 * @throws JANUS_HOST_UNFIT, JANUS_DEVICE_NOT_FOUND, JANUS_HOST_LACKS_FEATURE, JANUS_HOST_UNREADABLE
 */
export async function affinityChanges(host: Host, options: CpuIrqAffinityOptions): Promise<readonly Change[]> {
  const targets = await findTargets(host, options)
  const balancer = await readBalancer(host)
  const ban = banOf(targets, options)
  const isLeftAlone = balancer !== undefined && ban.interrupts !== undefined && canBeTold(balancer, ban)
  const rival: Rival = balancer === undefined ? 'none' : isLeftAlone ? 'told' : 'balances'
  return [
    ...(balancer === undefined ? [] : await balancerChanges(host, balancer, ban)),
    ...(options.devices === undefined ? await defaultChanges(host, targets.online, options) : []),
    ...targets.moved.map((target) => affinityChange(target, rival)),
  ]
}

/** What irqbalance has to leave alone: CPUs, or where single devices are meant their interrupts. */
export function banOf({ chosen, online }: Targets, { awayFrom, onto, devices }: CpuIrqAffinityOptions): Ban {
  if (devices !== undefined)
    return { interrupts: chosen.filter(({ fixed }) => fixed === undefined).map(({ number }) => number) }
  return { cpus: awayFrom ?? online.filter((cpu) => onto?.includes(cpu) !== true) }
}

function affinityChange({ interrupt, cpus }: Target, rival: Rival): Change {
  const { path, number, actions, affinity, identity } = interrupt
  const [from, value] = [formatCpuList(affinity), formatCpuList(cpus)]
  // What irqbalance made of it since, before it was told or among the CPUs that it is left, is ours to put back all the same.
  const found = (present: string) => (rival === 'none' ? { from: present } : { fromMayDiffer: true })
  return {
    kind: 'write-attribute',
    path,
    ...found(from),
    value,
    why: `let interrupt ${number} (${shortened(actions)}) go to CPU ${value} instead of ${from}`,
    expect: identity,
    verify: [{ kind: rival === 'balances' ? 'within' : 'equals', path, value }],
    scope: 'runtime',
    undo: [
      {
        kind: 'write-attribute',
        path,
        ...found(value),
        value: from,
        why: `undo: interrupt ${number} could go to CPU ${from} before`,
        expect: identity,
        verify: [{ kind: 'equals', path, value: from }],
        scope: 'runtime',
      },
    ],
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
