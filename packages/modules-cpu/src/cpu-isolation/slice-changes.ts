import {
  type Change,
  type Condition,
  formatCpuList,
  type Host,
  janusError,
  parseCpuList,
  type UndoChange,
} from '@janus/core'
import { CGROUP_ROOT } from './cgroup-tree.js'
import type { CpuIsolationOptions } from './options.js'
import type { Isolable } from './require-isolable.js'
import { common } from './situation.js'

const DEFAULT_SLICES = ['system.slice', 'user.slice', 'init.scope']
const DROP_IN = '90-janus-cpu-isolation.conf'
const RELOAD = { kind: 'run-command', command: 'systemctl', args: ['daemon-reload'], timeout: 90_000 } as const

/** A unit of systemd that is to keep to some processors. */
export interface RestrictedUnit {
  readonly unit: string
  /** Attribute of its cgroup; the group may not be there, and without the controller the attribute is not. */
  readonly attribute: string
  /** What it holds, undefined when it is absent. */
  readonly present: string | undefined
  readonly isRunning: boolean
  readonly wanted: string
  /** The drop-in that says so. */
  readonly directory: string
  readonly file: string
  readonly content: string
  readonly hasDirectory: boolean
  readonly hasFile: boolean
}

/**
 * What each slice has and is to have.
 * @throws JANUS_HOST_UNFIT for a unit that would have no processor left
 */
export async function readRestrictedUnits(
  host: Host,
  { cpus, remaining }: Isolable,
  options: CpuIsolationOptions,
): Promise<readonly RestrictedUnit[]> {
  return await Promise.all(
    (options.slices ?? DEFAULT_SLICES).map(async (unit) => {
      const group = `${CGROUP_ROOT}/${groupPath(unit)}`
      const attribute = `${group}/cpuset.cpus`
      const present = (await host.readText(attribute)).value?.trim()
      const allowed =
        present === undefined || present === '' ? remaining : common(parseCpuList(present) ?? [], remaining)
      if (allowed.length === 0) {
        const message = `${unit} has no other processors than ${formatCpuList(cpus)} (${attribute}: ${present})`
        throw janusError('JANUS_HOST_UNFIT', message, {
          remedy: 'Change its AllowedCPUs first, or leave it out of the option slices.',
          data: { path: attribute, value: present },
        })
      }
      const wanted = formatCpuList(allowed)
      const directory = `${options.persistent === true ? '/etc' : '/run'}/systemd/system/${unit}.d`
      const file = `${directory}/${DROP_IN}`
      const content = dropIn(unit, wanted, formatCpuList(cpus))
      return {
        unit,
        attribute,
        present,
        isRunning: await host.exists(group),
        wanted,
        directory,
        file,
        content,
        hasDirectory: await host.exists(directory),
        hasFile: (await host.readText(file)).value === content,
      }
    }),
  )
}

/**
 * The changes that have systemd keep its slices to the remaining processors: drop-ins and one reload, after which it sets
 * `cpuset.cpus` of their cgroups and keeps it so (systemd.resource-control(5), AllowedCPUs).
 */
export async function sliceChanges(
  host: Host,
  isolable: Isolable,
  options: CpuIsolationOptions,
): Promise<readonly Change[]> {
  const units = await readRestrictedUnits(host, isolable, options)
  const scope = options.persistent === true ? 'persistent' : 'runtime'
  const files = units.filter(({ hasFile }) => !hasFile)
  const late = units.filter(({ isRunning, present, wanted }) => isRunning && present !== wanted)
  if (files.length + late.length === 0) return []
  const changes: readonly Change[] = [
    ...files.flatMap((unit) => [...(unit.hasDirectory ? [] : [directoryChange(unit, scope)]), fileChange(unit, scope)]),
    reloadChange(units, files),
  ]
  return withReloadAtTheEnd(changes, units, formatCpuList(isolable.all))
}

/** What has to be true of the cgroups of units that run. */
export function heldConditions(units: readonly RestrictedUnit[]): readonly Condition[] {
  return units
    .filter(({ isRunning }) => isRunning)
    .map(({ attribute, wanted }) => ({ kind: 'equals', path: attribute, value: wanted }))
}

function directoryChange({ directory, unit }: RestrictedUnit, scope: Change['scope']): Change {
  return {
    kind: 'create-directory',
    path: directory,
    mode: 0o755,
    why: `make room for a drop-in of ${unit}`,
    scope,
    undo: [{ kind: 'remove-directory', path: directory, mode: 0o755, why: 'remove the directory', scope }],
  }
}

function fileChange({ file, content, unit, wanted }: RestrictedUnit, scope: Change['scope']): Change {
  return {
    kind: 'write-file',
    path: file,
    content: { text: content },
    mode: 0o644,
    why: `keep ${unit} to the processors ${wanted}${scope === 'persistent' ? ', after a reboot too' : ''}`,
    scope,
  }
}

function reloadChange(units: readonly RestrictedUnit[], files: readonly RestrictedUnit[]): Change {
  return {
    ...RELOAD,
    why: 'have systemd read the drop-ins and move its units',
    expect: files.map(({ file }) => ({ kind: 'exists', path: file })),
    verify: heldConditions(units),
    scope: 'runtime',
    // Its undo is that of the first step, which is undone last: only then are the drop-ins gone.
    undo: [],
  }
}

/** Undone in reverse, the first step comes last: behind it systemd reads again what is left. */
function withReloadAtTheEnd(
  changes: readonly Change[],
  units: readonly RestrictedUnit[],
  all: string,
): readonly Change[] {
  const [first, ...rest] = changes
  if (first === undefined || first.kind === 'run-command') return changes
  const { scope } = first
  const own: UndoChange =
    first.kind === 'create-directory'
      ? { kind: 'remove-directory', path: first.path, mode: 0o755, why: 'remove the directory', scope }
      : { kind: 'remove-file', path: 'path' in first ? first.path : '', why: 'remove the drop-in', scope }
  const reload: UndoChange = { ...RELOAD, why: 'have systemd forget the drop-ins', scope }
  return [{ ...first, undo: [own, reload, ...units.flatMap((unit) => liftUndo(unit, all, scope))] }, ...rest]
}

/**
 * Where anything else needs the controller, as every unit with `Delegate=` does, the list of a group outlives its drop-in:
 * systemd writes an empty one, which the kernel refuses a group that has tasks (ENOSPC), and leaves it at that
 * (src/core/cgroup.c, set_attribute_and_warn). All processors come to the same as none. Whatever else stands there by then
 * says what the unit is to have, or that nothing keeps it.
 */
function liftUndo(
  { unit, attribute, present, wanted }: RestrictedUnit,
  all: string,
  scope: Change['scope'],
): readonly UndoChange[] {
  if (present === wanted) return []
  const value = present === undefined || present === '' ? all : present
  return [
    {
      kind: 'write-attribute',
      path: attribute,
      value,
      // The reload before it sets it, if systemd can.
      fromMayDiffer: true,
      why: `give ${unit} the processors ${value} where the kernel kept it to ${wanted}`,
      unless: [
        present === undefined
          ? { kind: 'absent', path: attribute }
          : { kind: 'equals', path: attribute, value: present },
      ],
      onlyWhen: [{ kind: 'equals', path: attribute, value: wanted }],
      mayFail: { errors: ['ENOENT', 'ENODEV'], because: 'its group or the controller is gone, and the list with it' },
      scope,
    },
  ]
}

/** `a-b.slice` lies below `a.slice` (systemd.slice(5)). */
function groupPath(unit: string): string {
  if (!unit.endsWith('.slice')) return unit
  const parts = unit.slice(0, -'.slice'.length).split('-')
  return parts.map((_, index) => `${parts.slice(0, index + 1).join('-')}.slice`).join('/')
}

function dropIn(unit: string, wanted: string, cpus: string): string {
  return [
    `# Written by Janus (cpu-isolation): keeps ${unit} off the processors ${cpus}, which guests are to have.`,
    '# Undo it with: janus rollback',
    unit.endsWith('.slice') ? '[Slice]' : '[Scope]',
    // Lists add up; the empty one forgets what other files say.
    'AllowedCPUs=',
    `AllowedCPUs=${wanted}`,
    '',
  ].join('\n')
}
