import { type Finding, formatCpuList, type Host, type Topology } from '@janus/core'
import { count, cpuWords, memoryWords } from './words.js'

const CPUS = '/sys/devices/system/cpu'
const MOST_DEVICES = 8

/** What the processors and the memory nodes of a host are. */
export async function shapeFinding(host: Host, topology: Topology): Promise<Finding> {
  const { packages, cores, threads, kinds, nodes, caches, smtControl } = topology
  const id = 'topology'
  const online = threads.filter((thread) => thread.online).length
  if (cores.length === 0) {
    return { id, status: 'skipped', summary: 'the host shows no processors', evidence: [{ path: CPUS }] }
  }
  const last = Math.max(0, ...caches.map(({ level }) => level))
  const shared = caches.filter(({ level }) => level === last && last >= 3)
  const words = [
    count(packages.length, 'package'),
    count(cores.length, 'core'),
    count(online, 'thread'),
    ...(kinds.length < 2
      ? []
      : [`hybrid (${kinds.map(({ name, cpus }) => `${cpus.length} threads ${name}`).join(', ')})`]),
    ...(shared.length === 0 ? [] : [count(shared.length, `L${last} cache`)]),
    nodes.length === 0 ? 'no memory nodes' : count(nodes.length, 'memory node'),
    smtWords(
      cores.some(({ cpus }) => cpus.length > 1),
      smtControl,
    ),
  ]
  const kindPath = kinds.find(({ evidence }) => evidence !== undefined)?.evidence
  const kindText = kindPath === undefined ? undefined : (await host.readText(kindPath)).value
  const evidence = [
    { path: `${CPUS}/online`, value: formatCpuList(threads.filter((thread) => thread.online).map(({ cpu }) => cpu)) },
    ...(kindPath === undefined
      ? []
      : [{ path: kindPath, ...(kindText === undefined ? {} : { value: kindText.trim() }) }]),
    ...(smtControl === undefined ? [] : [{ path: `${CPUS}/smt/control`, value: smtControl }]),
  ]
  return { id, status: 'ok', summary: words.join(', '), evidence }
}

function smtWords(isUsed: boolean, control: string | undefined): string {
  if (isUsed) return 'SMT on'
  return control === undefined || control === 'notsupported' || control === 'notimplemented'
    ? 'no SMT'
    : `SMT ${control}`
}

/** Whether CPUs are switched off: they are there, and nothing runs on them. */
export function offlineFinding({ threads, smtControl }: Topology): Finding {
  const id = 'offline-cpus'
  const offline = threads.filter(({ online }) => !online).map(({ cpu }) => cpu)
  if (threads.length === 0) return { id, status: 'skipped', summary: 'the host shows no processors' }
  if (offline.length === 0) return { id, status: 'ok', summary: 'all processors are online' }
  const list = formatCpuList(offline)
  const are = offline.length === 1 ? 'is' : 'are'
  const evidence = [{ path: `${CPUS}/offline`, value: list }]
  if (smtControl === 'off' || smtControl === 'forceoff') {
    return { id, status: 'ok', summary: `${cpuWords(list)} ${are} offline, as SMT is ${smtControl}`, evidence }
  }
  const remedy = `Where that is not meant, write 1 to ${CPUS}/cpu${offline[0]}/online${offline.length === 1 ? '' : ' and so on'}, as root.`
  return {
    id,
    status: 'warn',
    summary: `${cpuWords(list)} ${are} offline: no virtual machine can use ${offline.length === 1 ? 'it' : 'them'}`,
    evidence,
    remedy,
  }
}

/** Whether the tables of the memory nodes can be believed. */
export function tablesFinding({ nodes, problems }: Topology): Finding {
  const id = 'numa-tables'
  const evidence = problems.flatMap((problem) => problem.evidence)
  if (problems.length > 0) {
    return {
      id,
      status: 'warn',
      summary: problems.map(({ summary }) => summary).join('; '),
      evidence,
      remedy: 'Firmware makes these tables: look for an update, and for settings of NUMA or of node interleaving.',
    }
  }
  if (nodes.length === 0) return { id, status: 'skipped', summary: 'the host shows no memory nodes' }
  const memory = nodes.map(
    ({ id: node, memoryKiB }) => `node ${node} ${memoryKiB === undefined ? '?' : memoryWords(memoryKiB)}`,
  )
  const [first, second] = memory
  const some = memory.length > 4 ? `${first}, ${second}, …` : memory.join(', ')
  return { id, status: 'ok', summary: nodes.length === 1 ? 'one memory node' : `${nodes.length} memory nodes: ${some}` }
}

/**
 * Whether it is known where the devices are that virtual machines get: on a host of several nodes, those that firmware
 * places nowhere are as likely far as near.
 */
export async function localityFinding(host: Host, { devices, nodes }: Topology): Promise<Finding> {
  const id = 'device-locality'
  if (devices.length === 0) return { id, status: 'skipped', summary: 'the host shows no PCI devices' }
  if (nodes.length < 2) return { id, status: 'ok', summary: 'there is one place only, near to all devices' }
  const unknown: string[] = []
  for (const { address, source } of devices) {
    if (source !== 'unknown') continue
    const code = (await host.readText(`/sys/bus/pci/devices/${address}/class`)).value?.trim() ?? ''
    if (WORTH_KNOWING.test(code)) unknown.push(address)
  }
  if (unknown.length === 0)
    return { id, status: 'ok', summary: 'the node of every storage, network, display and USB device is known' }
  const some = unknown.slice(0, MOST_DEVICES)
  const more = unknown.length > some.length ? ` and ${unknown.length - some.length} more` : ''
  return {
    id,
    status: 'warn',
    summary: `nobody says which node ${some.join(', ')}${more} ${unknown.length === 1 ? 'is' : 'are'} on`,
    evidence: some.map((address) => ({ path: `/sys/bus/pci/devices/${address}/numa_node`, value: '-1' })),
    remedy: 'Look for a firmware update: it leaves out the proximity of root bridges (_PXM). Measure before pinning.',
  }
}

/** Storage, network, display, multimedia, serial buses, processing accelerators: what is passed to virtual machines. */
const WORTH_KNOWING = /^0x(?:01|02|03|04|0c03|0b|12)/
