import type { Host } from '../../../src/contract/host.js'
import type { DeviceUse } from '../../../src/contract/inventory.js'
import type { DescriptorHolder, Query } from '../../../src/contract/query.js'
import { readDeviceUses, readPciDevices } from '../../../src/inventory/index.js'

/** A query that knows these holders and nothing else. */
export function queryWith(holders: readonly DescriptorHolder[], complete = true): Query {
  return (async (name: string, input: { devices?: readonly string[] }) => {
    if (name !== 'descriptor-holders') return { available: false, reason: 'not in this test' }
    return { available: true, holders: holders.filter(({ device }) => input.devices?.includes(device)), complete }
  }) as Query
}

/** The uses of each device of a host. */
export async function usesIn(
  host: Host,
  query: Query = queryWith([]),
): Promise<Readonly<Record<string, readonly DeviceUse[]>>> {
  return Object.fromEntries(await readDeviceUses(host, query, await readPciDevices(host)))
}

/** Uses as `kind severity end-of-chain`, for comparing. */
export function inShort(uses: readonly DeviceUse[] | undefined): readonly string[] {
  return (uses ?? []).map(({ kind, severity, chain }) => `${kind} ${severity} ${chain.join('>')}`)
}
