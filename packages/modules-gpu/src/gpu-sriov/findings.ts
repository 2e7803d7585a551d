import { type Finding, type Host, isJanusError, type Query, readPciDevices } from '@janus/core'
import { boundedEvidence, boundedLines } from '../bounded.js'
import { addressInId, deviceWords } from '../device-words.js'
import { findingOfRefusal } from '../finding-of-refusal.js'
import { oneLine } from '../one-line.js'
import { pciDevicesEvidence } from '../pci-devices-evidence.js'
import { autoprobePath, functionsOfHost } from '../virtual-functions/enabled-functions.js'
import { isAtBoot } from './boot-rule-changes.js'
import { isNow } from './changes.js'
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
      ...targets.flatMap((target) => hostDriverFindings(target, options)),
    ]
  } catch (error) {
    if (!isJanusError(error)) throw error
    return [{ id: 'targets', status: 'critical', summary: error.message, remedy: error.remedy }]
  }
}

function targetFinding(target: PhysicalFunction, options: GpuSriovOptions): Finding {
  const { device, enabled, rule, autoprobe } = target
  return {
    id: `target-${addressInId(device)}`,
    status: 'ok',
    summary: `${deviceWords(device)} ${targetWords(target, options)}`,
    evidence: [
      { path: `${device.path}/sriov_numvfs`, value: String(enabled) },
      ...(autoprobe === undefined ? [] : [{ path: autoprobePath(device), value: autoprobe ? '1' : '0' }]),
      ...(options.persistent
        ? [{ path: rule.path, ...(rule.present === undefined ? {} : { value: 'written by Janus' }) }]
        : []),
    ],
  }
}

function targetWords(target: PhysicalFunction, { functions, persistent }: GpuSriovOptions): string {
  const { enabled } = target
  const words = `${functions} virtual functions${persistent ? ', at every boot too' : ''}`
  if (enabled !== functions || (persistent && !isAtBoot(target, functions)))
    return `has ${enabled} and can be given ${words}`
  return `has ${words}${isNow(target, functions) ? '' : '; drivers of the host that are loaded later can be kept from them'}`
}

/** Functions that stay, and that no machine can have: a driver that has one already is not taken from it. */
function hostDriverFindings(target: PhysicalFunction, { functions }: GpuSriovOptions): readonly Finding[] {
  const { device, enabled } = target
  const onHost = functionsOfHost(target)
  if (enabled !== functions || onHost.length === 0) return []
  return [
    {
      id: `host-driver-${addressInId(device)}`,
      status: 'warn',
      summary: `${onHost.length} of the ${enabled} virtual functions of ${deviceWords(device)} ${onHost.length === 1 ? 'is' : 'are'} on drivers of the host, and cannot be given to a machine so`,
      detail: boundedLines(onHost.map(({ address, driver }) => `${address} is on ${oneLine(driver ?? '')}`)),
      evidence: boundedEvidence(
        onHost.map(({ path, driver }) => ({ path: `${path}/driver`, value: oneLine(driver ?? '') })),
      ),
      remedy: 'Bind those that are meant for machines with gpu-vfio.',
    },
  ]
}
