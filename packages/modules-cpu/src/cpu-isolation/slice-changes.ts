import { type Change, formatCpuList, type Host, type UndoChange } from '@janus/core'
import { sha256OfText } from '../sha256-of-text.js'
import type { CpuIsolationOptions } from './options.js'
import type { Isolable } from './require-isolable.js'
import { heldConditions, type RestrictedUnit, readRestrictedUnits, settingPaths } from './restricted-units.js'

const RELOAD = { kind: 'run-command', command: 'systemctl', args: ['daemon-reload'], timeout: 90_000 } as const

/**
 * The changes that have systemd keep its slices to the remaining processors: drop-ins and a reload, after which it sets
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
  if (files.length === 0) return [reloadChange(units, files)]
  return [
    firstReload(units, formatCpuList(isolable.all), scope),
    ...files.flatMap((unit) => [...(unit.hasDirectory ? [] : [directoryChange(unit, scope)]), fileChange(unit, scope)]),
    reloadChange(units, files),
  ]
}

/**
 * Undone in reverse, the first step comes last: behind it systemd reads what is left. Done, it shows that systemd answers before
 * anything is written.
 */
function firstReload(units: readonly RestrictedUnit[], all: string, scope: Change['scope']): Change {
  return {
    ...RELOAD,
    why: 'have systemd read what there is, and once it is undone what is left',
    scope,
    undo: [
      { ...RELOAD, why: 'have systemd forget the drop-ins', scope },
      ...units.flatMap((unit) => liftUndo(unit, all, scope)),
    ],
  }
}

function directoryChange({ directory, unit }: RestrictedUnit, scope: Change['scope']): Change {
  return { kind: 'create-directory', path: directory, mode: 0o755, why: `make room for a drop-in of ${unit}`, scope }
}

function fileChange(unit: RestrictedUnit, scope: Change['scope']): Change {
  const { file, content, wanted } = unit
  const isPersistent = scope === 'persistent'
  return {
    kind: 'write-file',
    path: file,
    content: { text: content },
    mode: 0o644,
    why: `keep ${unit.unit} to the processors ${wanted}${isPersistent ? ', after a reboot too' : ''}`,
    verify: [{ kind: 'sha256', path: file, value: sha256OfText(content) }],
    ...(isPersistent ? { afterBoot: heldConditions([unit]) } : {}),
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
    // That of the first step is undone last: only then are the drop-ins gone.
    undo: [],
  }
}

/**
 * Where anything else needs the controller, as every unit with `Delegate=` does, the list of a group outlives its drop-in:
 * systemd writes an empty one, which the kernel refuses a group that has tasks (ENOSPC), and leaves it at that
 * (src/core/cgroup.c, set_attribute_and_warn). All processors come to the same as none. Whatever else stands there by then
 * says what the unit is to have, or that nothing keeps it; and what systemd reads says so even where it is the same list.
 */
function liftUndo(
  { unit, attribute, present, before, wanted }: RestrictedUnit,
  all: string,
  scope: Change['scope'],
): readonly UndoChange[] {
  // Not what is present: that may be the doing of a drop-in of Janus below, which a boot or its own undo takes away.
  const value = before === '' ? all : before
  if (value === wanted) return []
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
          : { kind: 'equals', path: attribute, value: before },
      ],
      onlyWhen: [
        { kind: 'equals', path: attribute, value: wanted },
        ...settingPaths(unit).map((path) => ({ kind: 'lacks', path, value: 'AllowedCPUs' }) as const),
      ],
      mayFail: { errors: ['ENOENT', 'ENODEV'], because: 'its group or the controller is gone, and the list with it' },
      scope,
    },
  ]
}
