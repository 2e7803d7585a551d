import { type Change, type Condition, formatCpuList, type RemoveDirectory, type UndoChange } from '@janus/core'
import { CGROUP_ROOT, isValidPartition } from './cgroup-tree.js'
import { enableChanges } from './enable-changes.js'
import type { CpuIsolationOptions } from './options.js'
import type { Isolable } from './require-isolable.js'
import { groupOf } from './situation.js'

/** Milliseconds: the kernel decides while it takes the write. */
const VERIFY_WITHIN = 1_000

/**
 * The changes that make a partition: a cgroup that has its processors for itself, so that whatever runs in the other
 * groups is pushed off them (admin-guide/cgroup-v2.rst, cpuset.cpus.partition).
 */
export function partitionChanges(isolable: Isolable, options: CpuIsolationOptions): readonly Change[] {
  const name = groupOf(options, 'partition')
  const kind = options.partition ?? 'isolated'
  const path = `${CGROUP_ROOT}/${name}`
  const cpus = formatCpuList(isolable.cpus)
  const found = isolable.tree.groups.find((group) => group.name === name)
  const before = { cpus: found?.cpus ?? '', partition: found?.partition ?? 'member' }
  if (before.cpus === cpus && before.partition === kind) return []
  const isInvalid = before.partition.includes('invalid')
  return [
    ...enableChanges(isolable, path),
    ...(found === undefined ? [directoryChange(path, { expect: nobodyIn(path) })] : []),
    ...(isInvalid ? [resetChange(path, before.partition)] : []),
    ...(before.cpus === cpus ? [] : [cpusChange(path, before, cpus)]),
    ...(before.partition === kind ? [] : [kindChange(path, isInvalid ? 'member' : before.partition, kind, cpus)]),
  ]
}

/** A guest that runs in the partition keeps it: nothing is taken from below it. */
function nobodyIn(path: string): readonly Condition[] {
  return [{ kind: 'contains', path: `${path}/cgroup.events`, value: 'populated 0' }]
}

/** Makes the cgroup. Gone by itself after a reboot. */
export function directoryChange(path: string, undo: Pick<RemoveDirectory, 'expect' | 'tasksTo'>): Change {
  return {
    kind: 'create-directory',
    path,
    mode: 0o755,
    why: 'make a group for them',
    verify: [{ kind: 'exists', path: `${path}/cpuset.cpus` }],
    scope: 'runtime',
    undo: [
      {
        kind: 'remove-directory',
        path,
        mode: 0o755,
        why: 'remove the group',
        ...undo,
        verify: [{ kind: 'absent', path }],
        scope: 'runtime',
      },
    ],
  }
}

/** A group that is a partition stays one: the kernel takes any list, and may answer that with this one it is none. */
function cpusChange(
  path: string,
  before: { readonly cpus: string; readonly partition: string },
  value: string,
): Change {
  const attribute = `${path}/cpuset.cpus`
  const from = before.cpus
  const kept: readonly Condition[] = isValidPartition(before)
    ? [{ kind: 'equals', path: `${path}/cpuset.cpus.partition`, value: before.partition }]
    : []
  const back = valueBack(path, attribute, from)
  return {
    kind: 'write-attribute',
    path: attribute,
    from,
    value,
    why: `give it the processors ${value}`,
    verify: [{ kind: 'equals', path: attribute, value }, ...kept],
    verifyWithin: VERIFY_WITHIN,
    scope: 'runtime',
    undo: [{ ...back, verify: [...(back.verify ?? []), ...kept], verifyWithin: VERIFY_WITHIN }],
  }
}

/** An invalid partition stays invalid, whatever is written to it, until it has been a member. */
function resetChange(path: string, from: string): Change {
  const attribute = `${path}/cpuset.cpus.partition`
  const [asked = from] = from.split(' ', 1)
  return {
    kind: 'write-attribute',
    path: attribute,
    from,
    value: 'member',
    why: 'give up the partition that is not in effect',
    scope: 'runtime',
    undo: [{ ...valueBack(path, attribute, asked), verify: [{ kind: 'equals', path: attribute, value: from }] }],
  }
}

function kindChange(path: string, from: string, value: string, cpus: string): Change {
  const attribute = `${path}/cpuset.cpus.partition`
  return {
    kind: 'write-attribute',
    path: attribute,
    from,
    value,
    why: `take the processors ${cpus} from everything else`,
    verify: [{ kind: 'equals', path: attribute, value }],
    verifyWithin: VERIFY_WITHIN,
    scope: 'runtime',
    undo: [valueBack(path, attribute, from)],
  }
}

function valueBack(path: string, attribute: string, value: string): UndoChange {
  return {
    kind: 'write-attribute',
    path: attribute,
    value: value === '' ? '\n' : value,
    why: 'write the previous value back',
    expect: nobodyIn(path),
    verify: [{ kind: 'equals', path: attribute, value }],
    scope: 'runtime',
  }
}
