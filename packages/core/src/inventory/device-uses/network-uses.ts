import type { DeviceUse, DeviceUseKind } from '../../contract/inventory.js'
import { isDefaultRoute } from '../parse/routes.js'
import { listNames } from '../read-value.js'
import { type NetworkInterface, readNetworkInterfaces } from './network-interfaces.js'
import { type NetworkTables, readNetworkTables } from './network-tables.js'
import type { FoundUse, UseSurvey } from './use-survey.js'

/** Bonds, bridges, VLANs, routes, sessions and network storage over the interfaces of a device, and those that a container has. */
export async function findNetworkUses(survey: UseSurvey): Promise<readonly FoundUse[]> {
  return [...(await findInterfaceUses(survey)), ...(await findInterfacesElsewhere(survey))]
}

/**
 * An interface in another network namespace is hidden here, routes and addresses with it; what is left of it is the
 * directory it lies in, which the driver core takes away with the last interface (drivers/base/core.c, glue directories).
 */
async function findInterfacesElsewhere({ host, devices }: UseSurvey): Promise<readonly FoundUse[]> {
  const found: FoundUse[] = []
  for (const { address, path } of devices) {
    const virtio = (await listNames(host, path)).filter((name) => /^virtio\d+$/.test(name))
    for (const evidence of [path, ...virtio.map((name) => `${path}/${name}`)].map((parent) => `${parent}/net`)) {
      if ((await host.list(evidence)).value?.length !== 0) continue
      const summary = `the interface of ${address} is in another network namespace, as that of a container`
      const chain = [address, 'another network namespace']
      found.push({ address, use: { kind: 'network-namespace', severity: 'blocking', summary, chain, evidence } })
    }
  }
  return found
}

async function findInterfaceUses(survey: UseSurvey): Promise<readonly FoundUse[]> {
  const interfaces = await readNetworkInterfaces(survey.host)
  const owned = [...interfaces.values()]
    .map((own) => ({ own, owners: own.path === undefined ? [] : survey.ownersOf(own.path) }))
    .filter(({ owners }) => owners.length > 0)
  if (owned.length === 0) return []
  const tables = await readNetworkTables(survey.host)
  return owned.flatMap(({ own, owners }) => {
    const uses = climb(own, interfaces, tables)
    return owners.flatMap((address) => uses.map((use) => ({ address, use })))
  })
}

function climb(
  lowest: NetworkInterface,
  interfaces: ReadonlyMap<string, NetworkInterface>,
  tables: NetworkTables,
): readonly DeviceUse[] {
  const uses: DeviceUse[] = []
  const seen = new Set<string>()
  const pending: { readonly own: NetworkInterface; readonly chain: readonly string[] }[] = [
    { own: lowest, chain: [lowest.name] },
  ]
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    const { own, chain } = next
    if (seen.has(own.name)) continue
    seen.add(own.name)
    uses.push(...usesOf(own.name, chain, tables))
    for (const { name, evidence } of own.above) {
      const above = interfaces.get(name)
      const [kind, what] = WORDS[above?.kind ?? 'other']
      const summary = `${own.name} is part of ${what} ${name}`
      uses.push({ kind, severity: 'blocking', summary, chain: [...chain, name], evidence })
      if (above !== undefined) pending.push({ own: above, chain: [...chain, name] })
    }
  }
  return uses
}

const WORDS: Readonly<Record<NetworkInterface['kind'], readonly [DeviceUseKind, string]>> = {
  bond: ['bond', 'the bond'],
  bridge: ['bridge', 'the bridge'],
  vlan: ['vlan', 'the VLAN or tunnel'],
  other: ['vlan', 'the interface'],
}

function usesOf(name: string, chain: readonly string[], tables: NetworkTables): readonly DeviceUse[] {
  const uses: DeviceUse[] = []
  const add = (kind: DeviceUseKind, severity: DeviceUse['severity'], summary: string, end: string, evidence: string) =>
    uses.push({ kind, severity, summary, chain: [...chain, end], evidence })
  for (const [routes, evidence, version] of [
    [tables.ipv4Routes, '/proc/net/route', 'IPv4'],
    [tables.ipv6Routes, '/proc/net/ipv6_route', 'IPv6'],
  ] as const) {
    const own = routes.filter(({ networkInterface }) => networkInterface === name)
    if (own.some(isDefaultRoute))
      add('default-route', 'blocking', `the ${version} default route goes over ${name}`, `default ${version}`, evidence)
  }
  const session = tables.sessions.get(name)
  if (session !== undefined) add('session', 'blocking', `a remote session (ssh) goes over ${name}`, 'ssh', session)
  const storage = tables.storage.get(name)
  if (storage !== undefined)
    add('network-root', 'blocking', `${storage.words} over ${name}`, storage.end, storage.evidence)
  const address = tables.addressed.get(name)
  if (address !== undefined) add('address', 'notice', `${name} has an address`, 'address', address)
  return uses
}
