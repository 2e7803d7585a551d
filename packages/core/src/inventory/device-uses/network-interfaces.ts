import type { Host } from '../../contract/host.js'
import { listNames, readValue } from '../read-value.js'

/** A network interface and what is stacked on it. */
export interface NetworkInterface {
  readonly name: string
  /** Real directory in sysfs. */
  readonly path: string | undefined
  readonly kind: 'bond' | 'bridge' | 'vlan' | 'other'
  /** Interfaces above it, each with the link that shows it. */
  readonly above: readonly { readonly name: string; readonly evidence: string }[]
}

const NETWORK = '/sys/class/net'

/** Reads every network interface, by name. */
export async function readNetworkInterfaces(host: Host): Promise<ReadonlyMap<string, NetworkInterface>> {
  const interfaces = new Map<string, NetworkInterface>()
  for (const name of await listNames(host, NETWORK)) {
    const directory = `${NETWORK}/${name}`
    const path = (await host.readLink(directory)).value
    // `bonding_masters` is a file among the links.
    if (path === undefined) continue
    const names = await listNames(host, directory)
    const above = names.filter((entry) => entry.startsWith('upper_')).map((entry) => entry.slice('upper_'.length))
    interfaces.set(name, {
      name,
      path,
      kind: await kindOf(host, directory, names),
      above: above.map((upper) => ({ name: upper, evidence: `${directory}/upper_${upper}` })),
    })
  }
  return interfaces
}

async function kindOf(host: Host, directory: string, names: readonly string[]): Promise<NetworkInterface['kind']> {
  if (names.includes('bonding')) return 'bond'
  if (names.includes('bridge')) return 'bridge'
  const type = /^DEVTYPE=(\S+)$/m.exec((await readValue(host, `${directory}/uevent`)) ?? '')?.[1]
  if (type === 'bond' || type === 'team') return 'bond'
  if (type === 'bridge' || directory.endsWith('/ovs-system')) return 'bridge'
  return type === undefined ? 'other' : 'vlan'
}
