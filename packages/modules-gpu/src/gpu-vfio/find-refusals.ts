import type { Refusal } from './refusal.js'
import { refuseDriver } from './refusals/refuse-driver.js'
import { refuseFramebuffer } from './refusals/refuse-framebuffer.js'
import { refuseGroupMembers } from './refusals/refuse-group-members.js'
import { refuseIdentity } from './refusals/refuse-identity.js'
import { refuseIommu } from './refusals/refuse-iommu.js'
import { refuseRole } from './refusals/refuse-role.js'
import { refuseUses } from './refusals/refuse-uses.js'
import { refuseVirtualFunctions } from './refusals/refuse-virtual-functions.js'
import type { Survey } from './survey.js'
import type { Selection, Target } from './targets.js'

/**
 * Every reason not to bind the targets, all of them at once, in address order.
 * @param mayWake true to ask each device itself whether it answers, which wakes a sleeping one
 */
export async function findRefusals(
  survey: Survey,
  selection: Selection,
  mayWake: boolean,
): Promise<readonly Refusal[]> {
  const refusals: Refusal[] = []
  for (const target of selection.targets) refusals.push(...(await refuseTarget(survey, selection, target, mayWake)))
  const bindable = selection.targets.filter(({ device }) => device.role === 'endpoint')
  refusals.push(...(await refuseGroupMembers(survey, bindable)))
  refusals.push(...refuseVirtualFunctions(survey, selection), ...refuseUses(selection))
  return refusals
}

/** A bridge or a device that is off the bus has no further questions to answer. */
async function refuseTarget(
  survey: Survey,
  { options }: Selection,
  target: Target,
  mayWake: boolean,
): Promise<readonly Refusal[]> {
  const byRole = await refuseRole(survey.host, target.device, mayWake)
  if (byRole.length > 0) return byRole
  return [
    ...refuseIdentity(target.device, options.identities[target.device.address]),
    ...(await refuseIommu(survey, target.device)),
    ...(await refuseDriver(survey, target)),
    ...refuseFramebuffer(survey, target, options.allowUse),
  ]
}
