import { type Host, janusError, readCpu } from '@janus/core'
import { FIRMWARE_TABLES, readFirmwareTables } from '../firmware-tables.js'

/** Whose IOMMU a host has. */
export type IommuVendor = 'Intel' | 'AMD'

/**
 * Whose IOMMU the firmware describes; where its tables are not shown, whose the processor is.
 * @throws JANUS_HOST_UNFIT where the firmware describes none, or the processor has none that Janus knows;
 * JANUS_HOST_UNREADABLE where the host shows neither
 */
export async function requireVendor(host: Host): Promise<IommuVendor> {
  const { present, isShown } = await readFirmwareTables(host)
  if (present !== undefined) return present.vendor
  if (isShown) {
    const paths = FIRMWARE_TABLES.map(({ path }) => path)
    const message = `the firmware of ${host.description} describes no IOMMU (neither ${paths.join(' nor ')}): no kernel parameter turns one on`
    throw janusError('JANUS_HOST_UNFIT', message, {
      remedy: 'Enable VT-d (Intel) or AMD-Vi (AMD; also called IOMMU) in the setup of the firmware, and boot again.',
      data: { paths },
    })
  }
  const { vendor } = await readCpu(host)
  if (vendor === 'GenuineIntel') return 'Intel'
  if (vendor === 'AuthenticAMD' || vendor === 'HygonGenuine') return 'AMD'
  const path = '/proc/cpuinfo'
  if (vendor === undefined) {
    const message = `${host.description} shows neither the tables of its firmware nor the vendor of its processor (${path})`
    throw janusError('JANUS_HOST_UNREADABLE', message, { data: { path } })
  }
  const message = `the processor of ${host.description} is of ${JSON.stringify(vendor)} (${path}); Janus knows the IOMMUs of Intel and AMD`
  throw janusError('JANUS_HOST_UNFIT', message, { data: { path, value: vendor } })
}
