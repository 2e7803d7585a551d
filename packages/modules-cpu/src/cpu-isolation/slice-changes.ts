import { type Change, formatCpuList, type Host, type UndoChange } from '@janus/core'
import { type DropInFile, dropInChanges, reloadChange } from '../drop-in-changes.js'
import type { CpuIsolationOptions } from './options.js'
import type { Isolable } from './require-isolable.js'
import { heldConditions, type RestrictedUnit, readRestrictedUnits, settingPaths } from './restricted-units.js'

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
  const verify = heldConditions(units)
  const why = 'have systemd read the drop-ins and move its units'
  if (files.length === 0) return [reloadChange(why, verify)]
  const all = formatCpuList(isolable.all)
  return dropInChanges({
    files: files.map((unit) => dropInOf(unit, scope)),
    missingFolders: files.flatMap(({ unit, directory, hasDirectory }) =>
      hasDirectory ? [] : [{ path: directory, why: `make room for a drop-in of ${unit}` }],
    ),
    scope,
    why,
    verify,
    undone: units.flatMap((unit) => liftUndo(unit, all, scope)),
  })
}

function dropInOf(unit: RestrictedUnit, scope: Change['scope']): DropInFile {
  const why = `keep ${unit.unit} to the processors ${unit.wanted}`
  const { file: path, content: text } = unit
  if (scope !== 'persistent') return { path, text, why }
  return { path, text, why: `${why}, after a reboot too`, afterBoot: heldConditions([unit]) }
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
