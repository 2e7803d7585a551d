import { type Finding, isJanusError } from '@janus/core'
import { addressInId, deviceWords } from '../../device-words.js'
import { findingOfRefusal } from '../../finding-of-refusal.js'
import { findRefusals } from '../find-refusals.js'
import { readNotices } from '../notices.js'
import type { GpuVfioOptions } from '../options.js'
import type { Survey } from '../survey.js'
import { type Selection, selectTargets, type Target } from '../targets.js'

/** What a check says about the targets it was given: every refusal is a finding, so is every thing worth knowing. */
export async function targetFindings(survey: Survey, options: GpuVfioOptions): Promise<readonly Finding[]> {
  try {
    return await judgeSelection(survey, await selectTargets(survey, options))
  } catch (error) {
    if (!isJanusError(error)) throw error
    return [{ id: 'targets', status: 'critical', summary: error.message, remedy: error.remedy }]
  }
}

async function judgeSelection(survey: Survey, selection: Selection): Promise<readonly Finding[]> {
  const refusals = await findRefusals(survey, selection, true)
  const refused = new Set(refusals.map(({ device }) => device))
  const notices = await readNotices(survey, selection)
  return [
    ...refusals.map(findingOfRefusal),
    ...selection.targets.filter(({ device }) => !refused.has(device.address)).map(bindableFinding),
    ...notices.map(({ id, summary, evidence, remedy }) => ({ id, status: 'warn' as const, summary, evidence, remedy })),
  ]
}

function bindableFinding({ device, vfio, isBound }: Target): Finding {
  const summary = isBound
    ? `${deviceWords(device)} is on ${device.driver} already`
    : `${deviceWords(device)} can be bound to ${vfio.driver}`
  const evidence = [{ path: `${device.path}/driver`, ...(device.driver === undefined ? {} : { value: device.driver }) }]
  return { id: `target-${addressInId(device)}`, status: 'ok', summary, evidence }
}
