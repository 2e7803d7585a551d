import { type Finding, type Host, isJanusError, type Query, readPciDevices } from '@janus/core'
import { boundedEvidence, boundedLines } from '../bounded.js'
import { addressInId, deviceWords } from '../device-words.js'
import { findingOfRefusal } from '../finding-of-refusal.js'
import { pciDevicesEvidence } from '../pci-devices-evidence.js'
import { isAtBoot } from './boot-rule-changes.js'
import { findRefusals } from './find-refusals.js'
import type { GpuSriovOptions } from './options.js'
import { type PhysicalFunction, readPhysicalFunctions } from './physical-function.js'

/** Which devices can have virtual functions, and how many they have. */
export async function overviewFinding(host: Host): Promise<Finding> {
  const id = 'physical-functions'
  const devices = (await readPciDevices(host)).filter(({ virtualFunctions }) => virtualFunctions !== undefined)
  if (devices.length === 0) {
    const summary = 'no device of this host can have virtual functions (SR-IOV)'
    return { id, status: 'skipped', summary, evidence: [await pciDevicesEvidence(host)] }
  }
  const lines = devices.map((device) => {
    const { enabled = 0, total = 0 } = device.virtualFunctions ?? {}
    return `${deviceWords(device)}: ${enabled} of ${total} virtual functions are on`
  })
  const enabled = devices.reduce((sum, { virtualFunctions }) => sum + (virtualFunctions?.enabled ?? 0), 0)
  return {
    id,
    status: 'ok',
    summary: `${devices.length} ${devices.length === 1 ? 'device' : 'devices'} can have virtual functions; ${enabled} are on`,
    detail: boundedLines(lines),
    evidence: boundedEvidence(
      devices.map(({ path, virtualFunctions }) => ({
        path: `${path}/sriov_numvfs`,
        value: String(virtualFunctions?.enabled ?? 0),
      })),
    ),
  }
}

/** Whether the functions are as the options ask for, can be, or cannot. */
export async function targetFindings(host: Host, query: Query, options: GpuSriovOptions): Promise<readonly Finding[]> {
  try {
    const targets = await readPhysicalFunctions(host, query, options)
    const refusals = findRefusals(targets, options)
    const refused = new Set(refusals.map(({ device }) => device))
    return [
      ...refusals.map(findingOfRefusal),
      ...targets.filter(({ device }) => !refused.has(device.address)).map((target) => targetFinding(target, options)),
    ]
  } catch (error) {
    if (!isJanusError(error)) throw error
    return [{ id: 'targets', status: 'critical', summary: error.message, remedy: error.remedy }]
  }
}

function targetFinding(target: PhysicalFunction, { functions, persistent }: GpuSriovOptions): Finding {
  const { device, enabled, rule } = target
  const isSo = enabled === functions && (!persistent || isAtBoot(target, functions))
  const words = `${functions} virtual functions${persistent ? ', at every boot too' : ''}`
  return {
    id: `target-${addressInId(device)}`,
    status: 'ok',
    summary: `${deviceWords(device)} ${isSo ? 'has' : `has ${enabled} and can be given`} ${words}`,
    evidence: [
      { path: `${device.path}/sriov_numvfs`, value: String(enabled) },
      ...(persistent
        ? [{ path: rule.path, ...(rule.present === undefined ? {} : { value: 'written by Janus' }) }]
        : []),
    ],
  }
}
