import { link, type TreeInput } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { cpuTopology } from '../../src/index.js'
import { contextOn, createMachine } from '../fixture/context.js'

const CPU = '/sys/devices/system/cpu'
const NODE = '/sys/devices/system/node'

function twoNodes(more: TreeInput = {}): TreeInput {
  const entries: Record<string, string> = { [`${CPU}/online`]: '0-7' }
  for (let cpu = 0; cpu < 8; cpu++) {
    entries[`${CPU}/cpu${cpu}/topology/thread_siblings_list`] = `${cpu % 4},${(cpu % 4) + 4}`
    entries[`${CPU}/cpu${cpu}/topology/physical_package_id`] = String(String(Math.floor((cpu % 4) / 2)))
  }
  for (const [node, cpus] of ['0-1,4-5', '2-3,6-7'].entries()) {
    entries[`${NODE}/node${node}/cpulist`] = String(cpus)
    entries[`${NODE}/node${node}/distance`] = String(node === 0 ? '10 21' : '21 10')
    entries[`${NODE}/node${node}/meminfo`] = `Node ${node} MemTotal:       8388608 kB`
  }
  return { ...entries, ...more }
}

const device = (address: string, node: string, code: string): TreeInput => ({
  [`/sys/bus/pci/devices/${address}`]: link(`/sys/devices/pci0000:00/${address}`),
  [`/sys/devices/pci0000:00/${address}/numa_node`]: String(node),
  [`/sys/devices/pci0000:00/${address}/class`]: String(code),
})

const check = async (tree: TreeInput, options?: unknown, kind: 'live' | 'tree' = 'live') => {
  const parsed = options === undefined ? undefined : cpuTopology.options.parse(options)
  const findings = await cpuTopology.check(contextOn(createMachine(tree, kind), parsed))
  return new Map(findings.map((finding) => [finding.id, finding]))
}

describe('a check of the topology', () => {
  it('tells packages, cores, threads, nodes and SMT', async () => {
    const findings = await check(twoNodes())
    expect(findings.get('topology')).toMatchObject({
      status: 'ok',
      summary: '2 packages, 4 cores, 8 threads, 2 memory nodes, SMT on',
    })
    expect(findings.get('numa-tables')).toMatchObject({
      status: 'ok',
      summary: '2 memory nodes: node 0 8 GiB, node 1 8 GiB',
    })
    expect(findings.has('pinning')).toBe(false)
  })

  it('warns of CPUs that are offline, unless SMT is off', async () => {
    const offline = { [`${CPU}/online`]: '0-3', [`${CPU}/present`]: '0-7' }
    expect((await check(twoNodes(offline))).get('offline-cpus')).toMatchObject({
      status: 'warn',
      summary: 'CPUs 4-7 are offline: no virtual machine can use them',
    })
    const off = { ...offline, [`${CPU}/smt/control`]: 'off' }
    expect((await check(twoNodes(off))).get('offline-cpus')).toMatchObject({ status: 'ok' })
  })

  it('warns of tables that cannot be', async () => {
    const broken = { [`${NODE}/node1/cpulist`]: '0-7' }
    const finding = (await check(twoNodes(broken))).get('numa-tables')
    expect(finding).toMatchObject({
      status: 'warn',
      evidence: [{ path: `${NODE}/node0/cpulist` }, { path: `${NODE}/node1/cpulist` }],
    })
  })

  it('warns of devices that nobody places, of those that virtual machines get', async () => {
    const devices = {
      ...device('0000:00:02.0', '-1', '0x030000'),
      ...device('0000:00:03.0', '1', '0x020000'),
      ...device('0000:00:04.0', '-1', '0x088000'),
    }
    expect((await check(twoNodes(devices))).get('device-locality')).toMatchObject({
      status: 'warn',
      summary: 'nobody says which node 0000:00:02.0 is on',
    })
  })

  it('skips what the host does not show', async () => {
    const findings = await check({}, { vcpus: 1 }, 'tree')
    expect([...findings.values()].map(({ id, status }) => [id, status])).toEqual([
      ['topology', 'skipped'],
      ['offline-cpus', 'skipped'],
      ['numa-tables', 'skipped'],
      ['device-locality', 'skipped'],
      ['pinning', 'skipped'],
    ])
  })

  it('tells with options whether there is a pinning, and draws it', async () => {
    const tree = twoNodes(device('0000:00:03.0', '1', '0x020000'))
    const fits = (await check(tree, { vcpus: 2, device: '00:03.0', memory: '4G' })).get('pinning')
    expect(fits).toMatchObject({ status: 'ok', summary: '2 vCPUs on CPUs 2,6 (1 core of 2 threads), memory of node 1' })
    expect(fits?.detail).toContain('[2* 6*] [3e 7e]')
    expect((await check(tree, { vcpus: 3, device: '00:03.0' })).get('pinning')).toMatchObject({ status: 'warn' })
    expect((await check(tree, { vcpus: 7 })).get('pinning')).toMatchObject({ status: 'critical' })
  })

  it.each([{ vcpus: 0 }, { vcpus: 1, memory: '4 GB' }, { vcpus: 1, reserve: 0 }, { vcpus: 1, device: 'x' }, {}])(
    'refuses %j',
    (options) => {
      expect(cpuTopology.options.safeParse(options).success).toBe(false)
    },
  )
})
