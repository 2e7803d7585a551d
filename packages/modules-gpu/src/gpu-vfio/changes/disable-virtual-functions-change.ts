import type { Change } from '@janus/core'
import { lossesOf } from '../losses.js'
import type { Selection, Target } from '../targets.js'

/** Turns the virtual functions of a physical function off; undone by turning the same number on again. */
export function disableVirtualFunctionsChange(
  { options, dependents }: Selection,
  { device }: Target,
): readonly Change[] {
  const enabled = device.virtualFunctions?.enabled ?? 0
  if (!options.disableVirtualFunctions || enabled === 0) return []
  const path = `${device.path}/sriov_numvfs`
  return [
    {
      kind: 'write-attribute',
      path,
      from: String(enabled),
      value: '0',
      why: `turn off the ${enabled} virtual functions of ${device.address}: its driver cannot be left while they are on`,
      verify: [{ kind: 'equals', path, value: '0' }],
      scope: 'runtime',
      irreversible: [
        {
          id: 'virtual-functions',
          summary: `the virtual functions of ${device.address} come back without their settings and users`,
        },
        ...lossesOf([...dependents.values()].flat()),
      ],
    },
  ]
}
