import type { PciAddress } from '@janus/core'
import type { BindingOutlook } from '@janus/modules-gpu'
import type { ReportData } from '../contract/report-data.js'

/** What binding a group would come to; undefined for one that holds no endpoint. */
export function outlookOfGroup({ outlooks }: Pick<ReportData, 'outlooks'>, id: string): BindingOutlook | undefined {
  return outlooks.find(({ target }) => target.kind === 'group' && target.group === id)
}

/** What binding one device by itself would come to; undefined for one that is no endpoint. */
export function outlookOfDevice(
  { outlooks }: Pick<ReportData, 'outlooks'>,
  address: PciAddress,
): BindingOutlook | undefined {
  return outlooks.find(({ target }) => target.kind === 'device' && target.device === address)
}
