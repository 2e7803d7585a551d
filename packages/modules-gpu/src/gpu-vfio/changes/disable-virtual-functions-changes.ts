import type { Change } from '@janus/core'
import { readAutoprobe } from '../../virtual-functions/enabled-functions.js'
import { turnOffChanges } from '../../virtual-functions/turn-off-changes.js'
import { lossesOf } from '../losses.js'
import type { Survey } from '../survey.js'
import type { Selection, Target } from '../targets.js'
import { usesThatStop } from '../uses-that-stop.js'

/** Turns the virtual functions of a physical function off; undone by turning the same number on again. */
export async function disableVirtualFunctionsChanges(
  { host, devices }: Survey,
  { options, dependents }: Selection,
  { device }: Target,
): Promise<readonly Change[]> {
  const enabled = device.virtualFunctions?.enabled ?? 0
  if (!options.disableVirtualFunctions || enabled === 0) return []
  const functions = devices.filter(({ physicalFunction }) => physicalFunction === device.address)
  return turnOffChanges(
    { device, enabled, functions, autoprobe: await readAutoprobe(host, device) },
    {
      reason: 'its driver cannot be left while they are on',
      kinds: usesThatStop(options),
      losses: lossesOf(functions.flatMap(({ address }) => dependents.get(address) ?? [])),
    },
  )
}
