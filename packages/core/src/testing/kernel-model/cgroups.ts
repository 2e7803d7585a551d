import { formatCpuList, parseCpuList } from '../../inventory/cpu-list.js'
import { directoryNode } from '../file-tree/file-tree.js'
import {
  type AttributeNode,
  atOnce,
  type DirectoryNode,
  type KernelAnswer,
  type TreeNode,
} from '../file-tree/tree-node.js'
import { readOnly } from './attribute-nodes.js'
import { partitionText, requestPartition, revalidate } from './cgroup-partitions.js'
import { type Cgroup, type CgroupTask, effectiveCpus, isPopulated, type PartitionKind } from './cgroup-state.js'
import { putTask } from './cgroup-tasks.js'
import type { CgroupsSpec } from './kernel-spec.js'
import type { KernelState } from './kernel-state.js'

const ROOT = '/sys/fs/cgroup'
const CONTROLLERS = ['cpuset', 'cpu', 'io', 'memory', 'hugetlb', 'pids', 'rdma', 'misc']

/**
 * A cgroup v2 tree with the controller cpuset: files appear with the controller in the parent's subtree_control, values are
 * taken and refused, partitions come and go, and tasks move as lab/recorded/kernel-answers says. Other controllers have no files.
 */
export function createCgroups(kernel: KernelState, spec: CgroupsSpec): void {
  const controllers = spec.controllers ?? CONTROLLERS
  const online = parseCpuList(spec.online) ?? []
  const enabled = new Set(spec.enabled ?? [])
  const root: Cgroup = newGroup('', undefined, { enabled, online })
  const tasks = new Map<number, CgroupTask>()
  const directories = new Map<Cgroup, DirectoryNode>()

  kernel.tree.makeDirectory('/sys/fs')
  kernel.tree.put(ROOT, directoryFor(root))
  refresh()
  for (const [name, group] of Object.entries(spec.groups ?? {})) {
    must(makeGroup(root, name), name)
    const made = root.children.get(name)
    if (made === undefined) continue
    for (const controller of group.enabled ?? []) made.enabled.add(controller)
    if (group.cpus !== undefined) made.cpus = parseCpuList(group.cpus) ?? []
  }
  for (const task of spec.tasks ?? []) {
    const group = task.group === undefined ? root : root.children.get(task.group)
    if (group === undefined) throw new Error(`the model has no cgroup ${task.group}`)
    const state: CgroupTask = { spec: task, group }
    tasks.set(task.pid, state)
    group.tasks.push(state)
    putTask(kernel, state)
  }
  for (const [name, { partition = 'member' }] of Object.entries(spec.groups ?? {})) {
    const group = root.children.get(name)
    if (group !== undefined) requestPartition(group, partition)
  }
  refresh()

  function directoryFor(group: Cgroup): DirectoryNode {
    const made: DirectoryNode = {
      ...directoryNode({ kernel: true }),
      subdirectories: { make: (name) => makeGroup(group, name), remove: (name) => removeGroup(group, name) },
    }
    directories.set(group, made)
    return made
  }

  function makeGroup(parent: Cgroup, name: string): KernelAnswer {
    const group = newGroup(`${parent.path}/${name}`, parent, { enabled: new Set(), online: [] })
    parent.children.set(name, group)
    directories.get(parent)?.entries.set(name, directoryFor(group))
    refresh()
    return 'ok'
  }

  function removeGroup(parent: Cgroup, name: string): KernelAnswer {
    const group = parent.children.get(name)
    if (group === undefined) return 'ENOENT'
    // Not ENOTEMPTY: the kernel does not look at the entries but at what lives below.
    if (group.tasks.length > 0 || group.children.size > 0) return 'EBUSY'
    parent.children.delete(name)
    directories.get(parent)?.entries.delete(name)
    directories.delete(group)
    revalidate(root)
    refresh()
    return 'ok'
  }

  /** Every directory gets the files that its group has now; groups below stay. */
  function refresh(): void {
    for (const [group, directory] of directories) {
      const files = filesOf(group)
      for (const name of directory.entries.keys()) if (!group.children.has(name)) directory.entries.delete(name)
      for (const [name, node] of Object.entries(files)) directory.entries.set(name, node)
    }
  }

  function filesOf(group: Cgroup): Readonly<Record<string, TreeNode>> {
    const available =
      group.parent === undefined ? controllers : controllers.filter((name) => group.parent?.enabled.has(name))
    const hasCpuset = available.includes('cpuset')
    return {
      'cgroup.controllers': readOnly(() => `${available.join(' ')}\n`),
      'cgroup.procs': procsAttribute(group),
      'cgroup.threads': procsAttribute(group),
      'cgroup.subtree_control': subtreeControl(group, available),
      ...(group.parent === undefined
        ? {}
        : {
            'cgroup.type': readOnly('domain\n'),
            'cgroup.events': readOnly(() => `populated ${isPopulated(group) ? 1 : 0}\nfrozen 0\n`),
          }),
      ...(hasCpuset ? { 'cpuset.cpus.effective': readOnly(() => `${formatCpuList(effectiveCpus(group))}\n`) } : {}),
      ...(hasCpuset && group.parent !== undefined
        ? { 'cpuset.cpus': cpusAttribute(group), 'cpuset.cpus.partition': partitionAttribute(group) }
        : {}),
    }
  }

  function subtreeControl(group: Cgroup, available: readonly string[]): AttributeNode {
    return {
      type: 'attribute',
      mode: 0o644,
      show: atOnce(() => {
        const names = controllers.filter((name) => group.enabled.has(name))
        return names.length === 0 ? '' : `${names.join(' ')}\n`
      }),
      store: atOnce((text: string) => {
        const words = text.trim().split(/\s+/)
        if (words.some((word) => !/^[+-]/.test(word) || !controllers.includes(word.slice(1)))) return 'EINVAL'
        for (const word of words) {
          const name = word.slice(1)
          if (word.startsWith('+') && !available.includes(name)) return 'ENOENT'
          if (word.startsWith('-') && [...group.children.values()].some((child) => child.enabled.has(name)))
            return 'EBUSY'
        }
        for (const word of words) {
          if (word.startsWith('+')) group.enabled.add(word.slice(1))
          else disable(group, word.slice(1))
        }
        refresh()
        return 'ok'
      }),
    }
  }

  /** What the groups below had set is forgotten. */
  function disable(group: Cgroup, controller: string): void {
    group.enabled.delete(controller)
    if (controller !== 'cpuset') return
    for (const child of group.children.values())
      Object.assign(child, { cpus: [], partition: 'member', invalid: undefined })
  }

  function cpusAttribute(group: Cgroup): AttributeNode {
    return {
      type: 'attribute',
      mode: 0o644,
      show: atOnce(() => `${formatCpuList(group.cpus)}\n`),
      store: atOnce((text: string) => {
        const cpus = parseCpuList(text)
        if (cpus === undefined) return 'EINVAL'
        if (cpus.some((cpu) => cpu >= (spec.possible ?? online.length))) return 'ERANGE'
        // Tasks in groups below count as well (kernel/cgroup/cpuset.c, validate_change: cgroup_is_populated).
        if (cpus.length === 0 && group.cpus.length > 0 && isPopulated(group)) return 'ENOSPC'
        // What is there already changes nothing, an invalid partition included.
        if (formatCpuList(cpus) === formatCpuList(group.cpus)) return 'ok'
        group.cpus = cpus
        // Written anew, a partition is judged anew.
        if (group.partition !== 'member') requestPartition(group, group.partition)
        revalidate(root)
        return 'ok'
      }),
    }
  }

  function partitionAttribute(group: Cgroup): AttributeNode {
    return {
      type: 'attribute',
      mode: 0o644,
      show: atOnce(() => `${partitionText(group)}\n`),
      store: atOnce((text: string) => {
        const word = text.trim()
        if (!['member', 'isolated', 'root'].includes(word)) return 'EINVAL'
        const kind = word as PartitionKind
        // What is invalid stays so until it is a member again.
        if (kind !== 'member' && group.invalid !== undefined) group.partition = kind
        else requestPartition(group, kind)
        return 'ok'
      }),
    }
  }

  function procsAttribute(group: Cgroup): AttributeNode {
    return {
      type: 'attribute',
      mode: 0o644,
      show: atOnce(() =>
        group.tasks
          .map(({ spec: { pid } }) => pid)
          .sort((left, right) => left - right)
          .map((pid) => `${pid}\n`)
          .join(''),
      ),
      store: atOnce((text: string) => {
        const word = text.trim()
        if (!/^\d+$/.test(word)) return 'EINVAL'
        const task = tasks.get(Number(word))
        if (task === undefined) return 'ESRCH'
        if (task.spec.kernelThread === 'bound') return 'EINVAL'
        task.group.tasks.splice(task.group.tasks.indexOf(task), 1)
        task.group = group
        group.tasks.push(task)
        return 'ok'
      }),
    }
  }
}

function newGroup(
  path: string,
  parent: Cgroup | undefined,
  { enabled, online }: { readonly enabled: Set<string>; readonly online: readonly number[] },
): Cgroup {
  return {
    path,
    parent,
    children: new Map(),
    enabled,
    online,
    tasks: [],
    cpus: [],
    partition: 'member',
    invalid: undefined,
  }
}

function must(answer: KernelAnswer, name: string): void {
  if (answer !== 'ok') throw new Error(`the cgroup ${name} cannot be made: ${answer}`)
}
