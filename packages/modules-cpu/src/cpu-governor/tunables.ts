import type { Condition, Host, UndoChange } from '@janus/core'
import { readText } from '../read-text.js'
import { DIRECTORY, type Policy } from './policies.js'

/**
 * What a governor was told by hand: the kernel forgets it when the last policy leaves the governor. What the policies have
 * in common stays while another one keeps the governor, and is nobody's to put back then.
 * @param isLeft whether no policy keeps the governor
 */
export async function tunablesUndo(
  host: Host,
  { path, governor }: Policy,
  isLeft: boolean,
): Promise<readonly UndoChange[]> {
  if (governor === undefined) return []
  const places = [`${path}/${governor}`, ...(isLeft ? [`${DIRECTORY}/${governor}`] : [])]
  const undo: UndoChange[] = []
  for (const place of places) undo.push(...(await placeUndo(host, place)))
  const speed = governor === 'userspace' ? await readText(host, `${path}/scaling_setspeed`) : undefined
  return speed === undefined || !/^\d+$/.test(speed) ? undo : [...undo, restore(`${path}/scaling_setspeed`, speed)]
}

async function placeUndo(host: Host, place: string): Promise<readonly UndoChange[]> {
  const values = new Map<string, string>()
  for (const name of (await host.list(place)).value ?? []) {
    const value = await readText(host, `${place}/${name}`)
    if (value !== undefined && /^\d+$/.test(value)) values.set(name, value)
  }
  const undo = [...values].map(([name, value]) => restore(`${place}/${name}`, value))
  const down = values.get('down_threshold')
  if (down === undefined || !values.has('up_threshold')) return undo
  // One must always be below the other, and nobody knows where the new start is: the upper one steps aside until the lower one is set.
  const lower: Condition = { kind: 'equals', path: `${place}/down_threshold`, value: down }
  const aside = {
    ...restore(`${place}/up_threshold`, '100'),
    unless: [lower],
    why: 'undo: make room for down_threshold',
  }
  return [aside, ...undo]
}

/** A governor starts with its defaults, which nobody can foresee; what is so already is not written. */
function restore(path: string, value: string): UndoChange {
  return {
    kind: 'write-attribute',
    path,
    value,
    fromMayDiffer: true,
    why: 'undo: give the governor back what it was told',
    verify: [{ kind: 'equals', path, value }],
    scope: 'runtime',
    // Counters and the like lie beside the tunables and take no value.
    mayFail: {
      errors: ['EACCES', 'EPERM', 'ENOENT', 'EIO'],
      because: 'it is no tunable that can be written',
    },
  }
}
