import { type Change, formatCpuList, type Host, janusError, parseCpuList, type UndoChange } from '@janus/core'
import { CGROUP_ROOT, type Cgroup } from './cgroup-tree.js'
import { enableChanges } from './enable-changes.js'
import type { CpuIsolationOptions } from './options.js'
import { directoryChange } from './partition-changes.js'
import type { Isolable } from './require-isolable.js'
import { common, groupOf } from './situation.js'
import { readOwnPid, readTasks, type Task } from './tasks.js'

/**
 * The changes that keep everything there is to the remaining processors without a partition: the groups below the root are
 * restricted, and the tasks of the root, which itself cannot be, are moved to a group that is. Every task is a step of its own.
 * @throws JANUS_HOST_UNFIT for a group that would have no processor left
 */
export async function restrictChanges(
  host: Host,
  isolable: Isolable,
  options: CpuIsolationOptions,
): Promise<readonly Change[]> {
  const name = groupOf(options, 'restrict')
  const path = `${CGROUP_ROOT}/${name}`
  const found = isolable.tree.groups.find((group) => group.name === name)
  const others = isolable.tree.groups.filter((group) => group.name !== name && !group.name.includes('/'))
  const isKept = isolable.tree.enabled.includes('cpuset')
  const restricted = others.flatMap((group) => restriction(group, isolable, isKept))
  const tasks = await movableTasks(host, options)
  const own = found ?? { name, path, cpus: '', partition: 'member' }
  const ownRestriction = restriction(own, isolable, found !== undefined)
  if (restricted.length + tasks.length + ownRestriction.length === 0) return []
  return [
    ...enableChanges(isolable),
    ...(found === undefined ? [directoryChange(path, { tasksTo: CGROUP_ROOT })] : []),
    ...ownRestriction,
    ...restricted,
    ...tasks.map((task) => moveChange(task, name, path)),
  ]
}

/** The tasks that the plan moves: those of the root, but for threads that the kernel keeps and the process that asks. */
export async function movableTasks(host: Host, options: CpuIsolationOptions): Promise<readonly Task[]> {
  const [tasks = [], self] = await Promise.all([readTasks(host, CGROUP_ROOT), readOwnPid(host)])
  const wanted = options.kernelThreads ?? true
  return tasks.filter(
    ({ pid, isKernelThread, isBound }) => pid !== self && !isBound && (wanted || !isKernelThread) && pid !== KTHREADD,
  )
}

/** Every kernel thread is its child and begins where it is. */
const KTHREADD = 2

/** @param isKept the attribute outlives the undo: it is not gone with its group, or with the controller */
function restriction(group: Cgroup, { cpus, remaining, all }: Isolable, isKept: boolean): readonly Change[] {
  const path = `${group.path}/cpuset.cpus`
  const from = group.cpus ?? ''
  const present = parseCpuList(from) ?? []
  if (from !== '' && common(present, cpus).length === 0) return []
  const left = from === '' ? remaining : common(present, remaining)
  if (left.length === 0) {
    throw janusError('JANUS_HOST_UNFIT', `the cgroup ${group.name} has no other processors (${path}: ${from})`, {
      remedy: 'Give that cgroup other processors first, or name others here.',
      data: { path, value: from },
    })
  }
  const value = formatCpuList(left)
  const change = { kind: 'write-attribute', path, from, value, scope: 'runtime' } as const
  const why = `keep ${group.name} to the processors ${value}`
  if (from !== '') return [{ ...change, why }]
  const everything = formatCpuList(all)
  const lift: UndoChange = {
    kind: 'write-attribute',
    path,
    value: everything,
    why: `let ${group.name} have all processors`,
    unless: [{ kind: 'equals', path, value: '' }],
    scope: 'runtime',
  }
  // The kernel clears no list of a group that has tasks; all processors come to the same.
  const clear: UndoChange = {
    kind: 'write-attribute',
    path,
    value: '\n',
    why: 'write the previous value back',
    verify: [{ kind: 'equals', path, value: '' }],
    mayFail: {
      errors: ['ENOSPC'],
      because: `the kernel does not clear a list while there are tasks; ${everything} means the same`,
    },
    scope: 'runtime',
  }
  return [{ ...change, why, undo: isKept ? [lift, clear] : [lift] }]
}

function moveChange({ pid, name, startTime, isKernelThread }: Task, group: string, path: string): Change {
  const words = `${isKernelThread ? 'kernel thread' : 'process'} ${pid} (${name})`
  const identity = { kind: 'contains', path: `/proc/${pid}/stat`, value: ` ${startTime} ` } as const
  return {
    kind: 'write-attribute',
    path: `${path}/cgroup.procs`,
    value: String(pid),
    why: `move ${words} from / to /${group}`,
    expect: [identity],
    mayFail: { errors: ['ESRCH', 'EINVAL'], because: 'it has ended, or the kernel keeps it where it is' },
    scope: 'runtime',
    undo: [
      {
        kind: 'write-attribute',
        path: `${CGROUP_ROOT}/cgroup.procs`,
        value: String(pid),
        why: `move ${words} back to /`,
        unless: [{ kind: 'contains', path: `/proc/${pid}/cgroup`, value: '0::/\n' }],
        expect: [identity, { kind: 'contains', path: `/proc/${pid}/cgroup`, value: `0::/${group}\n` }],
        mayFail: { errors: ['ESRCH', 'EINVAL'], because: 'it has ended' },
        scope: 'runtime',
      },
    ],
  }
}
