import { type Finding, type Host, readCpu } from '@janus/core'
import { type FirmwareTables, readFirmwareTables } from '../firmware-tables.js'
import type { IommuState } from '../iommu-state.js'
import { COMMAND_LINE, type IommuParameters, readIommuParameters, switchedOffBy } from './kernel-parameters.js'

/** Whether an IOMMU is in effect; without one it is critical, with all that shows why. */
export async function effectFinding(host: Host, state: IommuState): Promise<Finding> {
  const id = 'iommu-in-effect'
  const { evidence } = state
  if (state.effect === 'in-effect') return { id, status: 'ok', summary: 'an IOMMU is in effect', evidence }
  if (state.effect === 'unknown') {
    return { id, status: 'skipped', summary: 'the captured host does not show whether an IOMMU is in effect', evidence }
  }
  const [tables, parameters, { flags }] = await Promise.all([
    readFirmwareTables(host),
    readIommuParameters(host),
    readCpu(host),
  ])
  return {
    id,
    status: 'critical',
    summary: 'no IOMMU is in effect: no device can be given to a virtual machine',
    evidence: [
      ...evidence,
      { path: COMMAND_LINE, ...(parameters.line === undefined ? {} : { value: parameters.line }) },
      ...tables.evidence,
    ],
    remedy: wayOut(tables, parameters, flags.has('hypervisor')),
  }
}

function wayOut({ present: table, isShown }: FirmwareTables, parameters: IommuParameters, isGuest: boolean): string {
  const off = switchedOffBy(parameters)
  if (off !== undefined) return `Take ${off} out of the kernel command line and boot again.`
  if (table?.parameter !== undefined && !parameters.parameters.some(({ name }) => name === 'intel_iommu')) {
    return `The firmware describes an ${table.vendor} IOMMU: add ${table.parameter} to the kernel command line and boot again.`
  }
  if (table !== undefined)
    return `The firmware describes an ${table.vendor} IOMMU that the kernel did not take: read its log, \`dmesg | grep -e DMAR -e AMD-Vi\`.`
  if (isGuest) return 'This host is itself a virtual machine: give it an emulated IOMMU on the machine that runs it.'
  if (isShown)
    return 'The firmware describes no IOMMU (no DMAR or IVRS table): enable VT-d or AMD-Vi (also called IOMMU) in its setup.'
  return 'Enable VT-d or AMD-Vi in the firmware, and on Intel add intel_iommu=on to the kernel command line.'
}
