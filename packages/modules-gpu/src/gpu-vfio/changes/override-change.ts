import type { Change, UndoChange } from '@janus/core'
import { NO_OVERRIDE } from '../driver-override.js'
import { powerControlOf } from '../power-control.js'
import type { UnboundTarget } from './unbound-target.js'

/** Aims the device at its VFIO driver: no other driver may bind it from then on. Nothing to do when it is aimed already. */
export function overrideChange(target: UnboundTarget): readonly Change[] {
  const { device, vfio, override } = target
  if (override.value === vfio.driver) return []
  const captured = override.isKnown ? '' : ' (the captured host does not show the present override: none is expected)'
  const previous = override.value === NO_OVERRIDE ? '' : ` instead of ${override.value}, which somebody set before`
  return [
    {
      kind: 'write-attribute',
      path: override.path,
      from: override.value,
      value: vfio.driver,
      why: `let only ${vfio.driver} bind ${device.address}${previous}${captured}`,
      verify: [{ kind: 'equals', path: override.path, value: vfio.driver }],
      scope: 'runtime',
      undo: wayHomeEnd(target),
    },
  ]
}

/** Takes an override away that waits for the VFIO driver: loading the driver would bind the device by itself. */
export function clearOverrideChange(target: UnboundTarget): Change {
  const { device, vfio, override } = target
  return {
    kind: 'write-attribute',
    path: override.path,
    from: override.value,
    value: '\n',
    why: `keep ${device.address}, which somebody aimed at ${vfio.driver} before, from being bound as soon as it is loaded`,
    verify: [{ kind: 'equals', path: override.path, value: NO_OVERRIDE }],
    scope: 'runtime',
    undo: wayHomeEnd(target),
  }
}

/** The last of the way home, when the device is back on its driver: the override that was found, and whether it may sleep. */
export function wayHomeEnd(target: UnboundTarget): readonly UndoChange[] {
  return [previousOverride(target), ...previousPowerControl(target)]
}

/** A VFIO driver lets a device sleep while it has it, and forbids it when it lets go (vfio_pci_core.c), whatever it was before. */
function previousPowerControl({ device, maySleep }: UnboundTarget): readonly UndoChange[] {
  if (!maySleep) return []
  const path = powerControlOf(device)
  return [
    {
      kind: 'write-attribute',
      path,
      value: 'auto',
      fromMayDiffer: true,
      why: `let ${device.address} sleep by itself as before`,
      verify: [{ kind: 'equals', path, value: 'auto' }],
      scope: 'runtime',
    },
  ]
}

/** Writes the override that was found back; a newline clears it, a write of no bytes would be ignored. */
function previousOverride({ device, override }: UnboundTarget): UndoChange {
  const isNone = override.value === NO_OVERRIDE
  return {
    kind: 'write-attribute',
    path: override.path,
    value: isNone ? '\n' : override.value,
    why: isNone
      ? `clear the driver override of ${device.address}`
      : `aim ${device.address} at ${override.value} as before`,
    verify: [{ kind: 'equals', path: override.path, value: override.value }],
    scope: 'runtime',
  }
}
