import type { Evidence, Host } from '@janus/core'

/** Tables of the firmware that describe an IOMMU, and the parameter that its kernel driver needs. */
export const FIRMWARE_TABLES = [
  { path: '/sys/firmware/acpi/tables/DMAR', vendor: 'Intel', parameter: 'intel_iommu=on' },
  { path: '/sys/firmware/acpi/tables/IVRS', vendor: 'AMD', parameter: undefined },
] as const

/** What the firmware says about an IOMMU. */
export interface FirmwareTables {
  readonly present: (typeof FIRMWARE_TABLES)[number] | undefined
  /** False where the host does not show the tables at all. */
  readonly isShown: boolean
  readonly evidence: readonly Evidence[]
}

/** Reads which of the tables the firmware has. */
export async function readFirmwareTables(host: Host): Promise<FirmwareTables> {
  const isShown = (await host.list('/sys/firmware/acpi/tables')).value !== undefined
  const present: (typeof FIRMWARE_TABLES)[number][] = []
  for (const table of FIRMWARE_TABLES) if (await host.exists(table.path)) present.push(table)
  const evidence = FIRMWARE_TABLES.map((table) => ({
    path: table.path,
    ...(present.includes(table) ? { value: '(present)' } : {}),
  }))
  return { present: present[0], isShown, evidence: isShown ? evidence : [] }
}
