import { type Host, type Inventory, lossesOf, type PciDevice } from '@janus/core'
import { bindingChanges } from '../changes.js'
import { findRefusals } from '../find-refusals.js'
import { readNotices } from '../notices.js'
import { gpuVfioOptions } from '../options.js'
import type { Refusal } from '../refusal.js'
import { type Survey, surveyInventory } from '../survey.js'
import { type Selection, selectTargets } from '../targets.js'
import type { BindingOutlook, BindingTarget } from './binding-outlook.js'

/**
 * What binding each IOMMU group with an endpoint in it, and each endpoint by itself, would come to: the refusals, losses
 * and notices of the plan of gpu-vfio. Changes nothing and wakes no device.
 * @param inventory the devices of the same host and who uses them
 * @returns groups in the order of their first device, then devices in address order
 */
export async function readBindingOutlooks(host: Host, inventory: Inventory): Promise<readonly BindingOutlook[]> {
  const survey = await surveyInventory(host, inventory)
  const outlooks: BindingOutlook[] = []
  for (const target of targetsOf(survey)) outlooks.push(await outlookOf(survey, target))
  return outlooks
}

function targetsOf({ devices }: Survey): readonly BindingTarget[] {
  const endpoints = devices.filter(({ role }) => role === 'endpoint')
  const groups = new Set(endpoints.flatMap(({ iommuGroup }) => iommuGroup ?? []))
  return [
    ...[...groups].map((group) => ({ kind: 'group', group }) as const),
    ...endpoints.map(({ address }) => ({ kind: 'device', device: address }) as const),
  ]
}

async function outlookOf(survey: Survey, target: BindingTarget): Promise<BindingOutlook> {
  const named = target.kind === 'group' ? { group: target.group } : { devices: [target.device] }
  const selection = await selectTargets(survey, gpuVfioOptions.parse(named))
  const refusals = await findRefusals(survey, selection, false)
  return {
    target,
    verdict: verdictOf(survey, selection, refusals),
    devices: selection.targets.map(({ device, vfio, isBound }) => ({
      address: device.address,
      vfioDriver: isBound ? (device.driver ?? vfio.driver) : vfio.driver,
      isBound,
    })),
    others: othersOf(survey, selection).map(({ address }) => address),
    refusals,
    losses: lossesOf(await bindingChanges(survey, selection)),
    notices: await readNotices(survey, selection),
  }
}

function verdictOf({ iommu }: Survey, { targets }: Selection, refusals: readonly Refusal[]): BindingOutlook['verdict'] {
  if (targets.every(({ isBound }) => isBound)) return 'bound'
  if (iommu.effect === 'unknown') return 'unknown'
  if (refusals.length === 0) return 'bindable'
  return refusals.every(({ option }) => option !== undefined) ? 'insist' : 'refused'
}

function othersOf(survey: Survey, { targets }: Selection): readonly PciDevice[] {
  const chosen = new Set(targets.map(({ device }) => device.address))
  const groups = new Set(targets.flatMap(({ device }) => device.iommuGroup ?? []))
  return [...groups].flatMap((group) => survey.members(group)).filter(({ address }) => !chosen.has(address))
}
