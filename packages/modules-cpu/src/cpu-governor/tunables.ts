import type { Host, UndoChange } from '@janus/core'
import { readText } from '../read-text.js'
import { DIRECTORY, type Policy } from './policies.js'

/** What a governor was told by hand: the kernel forgets it when the last policy leaves the governor. */
export async function tunablesUndo(host: Host, { path, governor }: Policy): Promise<readonly UndoChange[]> {
  if (governor === undefined) return []
  const places = [`${path}/${governor}`, `${DIRECTORY}/${governor}`]
  const undo: UndoChange[] = []
  for (const place of places) {
    for (const name of (await host.list(place)).value ?? []) {
      const value = await readText(host, `${place}/${name}`)
      if (value !== undefined && /^\d+$/.test(value)) undo.push(restore(`${place}/${name}`, value))
    }
  }
  const speed = governor === 'userspace' ? await readText(host, `${path}/scaling_setspeed`) : undefined
  return speed === undefined || !/^\d+$/.test(speed) ? undo : [...undo, restore(`${path}/scaling_setspeed`, speed)]
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
      errors: ['EACCES', 'EPERM', 'EINVAL', 'ENOENT', 'EIO'],
      because: 'it is no tunable that can be written',
    },
  }
}
