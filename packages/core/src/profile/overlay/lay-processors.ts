import type { Undo, WriteAttribute } from '../../contract/change.js'
import type { Host } from '../../contract/host.js'
import { formatCpuList, parseCpuList } from '../../inventory/cpu-list.js'
import type { OverlayBase } from './lay-change.js'

const CPUS = '/sys/devices/system/cpu'
const THREADS = `${CPUS}/smt/control`
const AFFINITY = /^\/proc\/irq\/\d+\/smp_affinity_list$/
const ONE = /^\/sys\/devices\/system\/cpu\/cpu(\d+)\/online$/
const OFF: ReadonlySet<string> = new Set(['0', 'off', 'forceoff'])
/** Lists of a processor's topology, in which only those count that are online (admin-guide/cputopology.rst). */
const SIBLINGS = [
  'thread_siblings_list',
  'core_cpus_list',
  'cluster_cpus_list',
  'die_cpus_list',
  'core_siblings_list',
  'package_cpus_list',
]

/**
 * Makes the overlay show which processors are left once threads, or one processor, are switched off: what goes offline has no
 * topology any more, and no list counts it. What comes online only the kernel shows: whoever reads a list has to wait.
 */
export async function layProcessors(base: OverlayBase, change: WriteAttribute): Promise<void> {
  const { path, value } = change
  const one = ONE.exec(path)?.[1]
  if (one === undefined && path !== THREADS) return
  const online = await readCpus(base.host, `${CPUS}/online`)
  // Nobody knows any more which there will be.
  if (online.length === 0) return
  if (!OFF.has(value.trim())) {
    const offline = (await readCpus(base.host, `${CPUS}/present`)).filter((cpu) => !online.includes(cpu))
    const isNews = one === undefined ? offline.length > 0 : offline.includes(Number(one))
    if (isNews) await layComing(base, one === undefined ? offline : [])
    return
  }
  const leaving = one === undefined ? await secondaryThreads(base.host, online, change) : [Number(one)]
  await layOffline(
    base,
    online.filter((cpu) => !leaving.includes(cpu)),
    online.filter((cpu) => leaving.includes(cpu)),
  )
  if (one === undefined) await put(base, `${CPUS}/smt/active`, '0')
  await layInterrupts(base, change)
}

/**
 * Everything that counts processors, and all of their topology, caches and policies, is known only once they are online.
 * @param switches processors of which nobody has said that they will be
 */
async function layComing({ tree, host }: OverlayBase, switches: readonly number[]): Promise<void> {
  const names = (await host.list(CPUS)).value ?? []
  const processors = names.filter((name) => /^cpu\d+$/.test(name)).map((name) => `${CPUS}/${name}`)
  const unknown = [
    ...['online', 'offline', 'smt/active', 'cpufreq'].map((name) => `${CPUS}/${name}`),
    ...processors.flatMap((cpu) => ['topology', 'cache', 'cpufreq'].map((name) => `${cpu}/${name}`)),
    ...switches.map((cpu) => `${CPUS}/cpu${cpu}/online`),
    ...(await nodesOf(host)).flatMap((node) => [`${node}/cpulist`, `${node}/cpumap`]),
    '/proc/cpuinfo',
  ]
  const nodes = await Promise.all(unknown.map(async (path) => [path, await host.exists(path)] as const))
  for (const [path, exists] of nodes) await tree.put(path, { type: 'pending', by: 'kernel', exists })
}

/**
 * An interrupt that has no processor left may go to others from then on, unless the kernel manages it itself, which no file
 * says: a change that knows puts it back in its undo, from what it expects to find.
 */
async function layInterrupts(base: OverlayBase, change: WriteAttribute & { readonly undo?: Undo }): Promise<void> {
  if (change.undo === undefined || 'none' in change.undo) return
  for (const undo of change.undo) {
    if (undo.kind !== 'write-attribute' || undo.from === undefined || !AFFINITY.test(undo.path)) continue
    await put(base, undo.path, undo.from)
  }
}

/** Those that the change itself says will be gone, else all but the first that is online of each core. */
async function secondaryThreads(
  host: Host,
  online: readonly number[],
  { verify = [] }: WriteAttribute,
): Promise<readonly number[]> {
  const stated = verify.find(({ kind, path }) => kind === 'equals' && path === `${CPUS}/online`)
  const remaining = stated?.kind === 'equals' ? parseCpuList(stated.value) : undefined
  if (remaining !== undefined) return online.filter((cpu) => !remaining.includes(cpu))
  const secondary: number[] = []
  for (const cpu of online) {
    const siblings = await readCpus(host, `${CPUS}/cpu${cpu}/topology/thread_siblings_list`)
    if (siblings.some((sibling) => sibling < cpu)) secondary.push(cpu)
  }
  return secondary
}

async function layOffline(base: OverlayBase, remaining: readonly number[], leaving: readonly number[]): Promise<void> {
  const { host, tree } = base
  const present = await readCpus(host, `${CPUS}/present`)
  const offline = present.filter((cpu) => !remaining.includes(cpu))
  await put(base, `${CPUS}/online`, formatCpuList(remaining))
  await put(base, `${CPUS}/offline`, formatCpuList(offline))
  for (const cpu of remaining) {
    for (const name of SIBLINGS) await layWithout(base, `${CPUS}/cpu${cpu}/topology/${name}`, leaving)
    for (const index of (await host.list(`${CPUS}/cpu${cpu}/cache`)).value ?? []) {
      await layWithout(base, `${CPUS}/cpu${cpu}/cache/${index}/shared_cpu_list`, leaving)
    }
  }
  for (const node of await nodesOf(host)) {
    await layWithout(base, `${node}/cpulist`, leaving)
    for (const cpu of leaving) await layAbsent(base, `${node}/cpu${cpu}`)
  }
  for (const cpu of leaving) {
    await put(base, `${CPUS}/cpu${cpu}/online`, '0')
    for (const name of ['topology', 'cache']) await layAbsent(base, `${CPUS}/cpu${cpu}/${name}`)
  }
  await layPolicies(base, leaving)
  const information = (await host.readText('/proc/cpuinfo')).value
  if (information === undefined) return
  const text = information.split(/\n(?=processor\s*:)/).filter((block) => !leaving.includes(processorOf(block)))
  await tree.put('/proc/cpuinfo', { type: 'attribute', text: text.join('\n') })
}

/** A policy of which no processor is left can neither be read nor written (drivers/cpufreq/cpufreq.c). */
async function layPolicies(base: OverlayBase, leaving: readonly number[]): Promise<void> {
  for (const name of (await base.host.list(`${CPUS}/cpufreq`)).value ?? []) {
    const path = `${CPUS}/cpufreq/${name}/affected_cpus`
    const { value } = await base.host.readText(path)
    if (value === undefined) continue
    const left = value.split(/\s+/).filter((cpu) => cpu !== '' && !leaving.includes(Number(cpu)))
    await put(base, path, left.join(' '))
  }
}

async function layWithout(base: OverlayBase, path: string, leaving: readonly number[]): Promise<void> {
  const { value } = await base.host.readText(path)
  const cpus = value === undefined ? undefined : parseCpuList(value)
  const left = cpus?.filter((cpu) => !leaving.includes(cpu))
  if (left !== undefined && left.length !== cpus?.length) await put(base, path, formatCpuList(left))
}

async function layAbsent({ host, tree }: OverlayBase, path: string): Promise<void> {
  if (await host.exists(path)) await tree.put(path, { type: 'absent' })
}

async function nodesOf(host: Host): Promise<readonly string[]> {
  const directory = '/sys/devices/system/node'
  const names = (await host.list(directory)).value ?? []
  return names.filter((name) => /^node\d+$/.test(name)).map((name) => `${directory}/${name}`)
}

async function readCpus(host: Host, path: string): Promise<readonly number[]> {
  return parseCpuList((await host.readText(path)).value ?? '') ?? []
}

function processorOf(block: string): number {
  return Number(/^processor\s*:\s*(\d+)/m.exec(block)?.[1] ?? Number.NaN)
}

function put({ tree }: OverlayBase, path: string, text: string): Promise<void> {
  return tree.put(path, { type: 'attribute', text: `${text}\n` })
}
