import { findRefusals } from '../gpu-vfio/find-refusals.js'
import type { Refusal } from '../gpu-vfio/refusal.js'
import { refuseForbidden } from '../gpu-vfio/refusals/refuse-driver.js'
import type { Survey } from '../gpu-vfio/survey.js'
import type { Selection, Target } from '../gpu-vfio/targets.js'
import { refuseGroupMembersAtBoot } from './refuse-group-members-at-boot.js'

/** What stands in the way of a binding now, and not of one that the next boot makes; what is forbidden is asked for by itself. */
const ONLY_NOW: ReadonlySet<string> = new Set([
  'in-use-virtual-machine',
  'in-use-descriptor',
  'override-unreadable',
  'framebuffer',
  'driver-blacklisted',
])

/**
 * Every reason why the next boot must not bind the targets: those of gpu-vfio, as if no device were bound yet, for at the next
 * boot none is. What only this boot did (a driver that is loaded, a device that is bound) makes no difference then.
 */
export async function findRefusalsAtBoot(survey: Survey, selection: Selection): Promise<readonly Refusal[]> {
  const targets = selection.targets.map((target) => ({ ...target, isBound: false }))
  const endpoints = targets.filter(({ device }) => device.role === 'endpoint')
  const found = await findRefusals(survey, { ...selection, targets }, true)
  const bound = new Set(selection.targets.filter(({ isBound }) => isBound).map(({ device }) => device.address))
  return [
    ...found
      // The virtual functions that a VFIO driver makes are gone with this boot, and nobody of the host has them.
      .filter(({ reason, device }) => !ONLY_NOW.has(reason) && !(reason === 'virtual-functions' && bound.has(device)))
      .map(withoutForeignOption),
    ...endpoints.filter((target) => !isBuiltIn(survey, target)).flatMap((target) => refuseForbidden(survey, target)),
    ...(await refuseGroupMembersAtBoot(survey, endpoints)),
  ]
}

function isBuiltIn({ kernelModules }: Survey, { vfio }: Target): boolean {
  return kernelModules.state(vfio.module) === 'built-in'
}

/** Turning virtual functions off is an option of gpu-vfio alone. */
function withoutForeignOption(refusal: Refusal): Refusal {
  if (refusal.reason !== 'virtual-functions') return refusal
  const { option: _, insist: __, ...rest } = refusal
  return rest
}
