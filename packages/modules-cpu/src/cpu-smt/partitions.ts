import { type Host, parseCpuList } from '@janus/core'
import { readText } from '../read-text.js'

const ROOT = '/sys/fs/cgroup'
const MOST_GROUPS = 2048

/** A control group that has processors to itself (admin-guide/cgroup-v2.rst, cpuset.cpus.partition). */
export interface Partition {
  readonly path: string
  readonly kind: string
  readonly cpus: readonly number[]
}

/** The valid cpuset partitions below the root; none where the host does not show its control groups. */
export async function readPartitions(host: Host): Promise<readonly Partition[]> {
  const found: Partition[] = []
  const pending = [ROOT]
  for (let count = 0; count < MOST_GROUPS; count++) {
    const path = pending.shift()
    if (path === undefined) break
    const names = (await host.list(path)).value ?? []
    // What lies below a group without the controller has none either.
    if (path !== ROOT && !names.includes('cpuset.cpus.partition')) continue
    if (path !== ROOT) found.push(...(await readPartition(host, path)))
    // Interface files have a dot and no ending of a unit: what is no directory lists nothing.
    pending.push(...names.filter((name) => !INTERFACE.test(name)).map((name) => `${path}/${name}`))
  }
  return found
}

const INTERFACE = /^(?:cgroup|cpu|cpuset|io|memory|pids|hugetlb|misc|rdma|irq|dmem)\./

async function readPartition(host: Host, path: string): Promise<readonly Partition[]> {
  const kind = await readText(host, `${path}/cpuset.cpus.partition`)
  if (kind !== 'isolated' && kind !== 'root') return []
  const cpus = parseCpuList((await readText(host, `${path}/cpuset.cpus.effective`)) ?? '')
  return cpus === undefined || cpus.length === 0 ? [] : [{ path, kind, cpus }]
}
