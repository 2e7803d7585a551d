import type { Host } from '../contract/host.js'

/** The memory of a host in KiB, as `/proc/meminfo` shows it; a field that is not shown is undefined. */
export interface MemoryInformation {
  readonly totalKiB: number | undefined
  readonly availableKiB: number | undefined
  readonly swapTotalKiB: number | undefined
  /** Size of a page of the default hugepage pool. */
  readonly hugepageSizeKiB: number | undefined
  /** Pages in the default pool, over all nodes. */
  readonly hugepagesTotal: number | undefined
  readonly hugepagesFree: number | undefined
}

/** Reads `/proc/meminfo`. */
export async function readMemory(host: Host): Promise<MemoryInformation> {
  const text = (await host.readText('/proc/meminfo')).value ?? ''
  const fields = new Map<string, number>()
  for (const [, name, value] of text.matchAll(/^([A-Za-z_()0-9]+):[ \t]+(\d{1,15})(?: kB)?[ \t]*$/gm)) {
    if (name !== undefined) fields.set(name, Number(value))
  }
  return {
    totalKiB: fields.get('MemTotal'),
    availableKiB: fields.get('MemAvailable'),
    swapTotalKiB: fields.get('SwapTotal'),
    hugepageSizeKiB: fields.get('Hugepagesize'),
    hugepagesTotal: fields.get('HugePages_Total'),
    hugepagesFree: fields.get('HugePages_Free'),
  }
}
