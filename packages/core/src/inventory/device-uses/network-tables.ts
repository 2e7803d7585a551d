import type { Host } from '../../contract/host.js'
import { readMounts } from '../mounts.js'
import { type IpAddress, isLoopback, parseIpAddress } from '../parse/ip-address.js'
import { parseIpv4Routes, parseIpv6Routes, type Route, routesTo } from '../parse/routes.js'
import { parseEstablished, parseIpv6Addresses } from '../parse/sockets.js'
import { listNames, readValue } from '../read-value.js'

/** Storage that the host reaches over an interface. */
export interface NetworkStorage {
  readonly words: string
  readonly end: string
  readonly evidence: string
}

/** What goes over which interface; the values are the paths that show it. */
export interface NetworkTables {
  readonly ipv4Routes: readonly Route[]
  readonly ipv6Routes: readonly Route[]
  readonly sessions: ReadonlyMap<string, string>
  readonly storage: ReadonlyMap<string, NetworkStorage>
  readonly addressed: ReadonlyMap<string, string>
}

const SSH_PORT = 22
const ISCSI = '/sys/class/iscsi_connection'

/** Reads routes, addresses, ssh sessions and network storage. */
export async function readNetworkTables(host: Host): Promise<NetworkTables> {
  const text = async (path: string) => (await host.readText(path)).value ?? ''
  const ipv4Routes = parseIpv4Routes(await text('/proc/net/route'))
  const ipv6Routes = parseIpv6Routes(await text('/proc/net/ipv6_route'))
  const ipv6Addresses = parseIpv6Addresses(await text('/proc/net/if_inet6'))
  const routes = [...ipv4Routes, ...ipv6Routes]

  const addressed = new Map<string, string>()
  for (const { networkInterface, hasGateway } of ipv4Routes)
    if (!hasGateway) addressed.set(networkInterface, '/proc/net/route')
  for (const { networkInterface, isGlobal } of ipv6Addresses) {
    if (isGlobal && networkInterface !== 'lo' && !addressed.has(networkInterface))
      addressed.set(networkInterface, '/proc/net/if_inet6')
  }

  // The interface that has the address, and the one the answers leave by: they may differ, and a session needs both.
  const interfacesOf = (local: IpAddress, remote: IpAddress): readonly string[] => [
    ...ipv6Addresses.filter(({ address }) => address.bits === local.bits && address.width === local.width).map(nameOf),
    ...routesTo(
      routes.filter(({ hasGateway }) => !hasGateway),
      local,
    ).map(nameOf),
    ...routesTo(routes, remote).map(nameOf),
  ]

  const sessions = new Map<string, string>()
  const ports = await readSshPorts(host)
  for (const path of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const { local, localPort, remote } of parseEstablished(await text(path))) {
      if (!ports.has(localPort) || isLoopback(local)) continue
      for (const name of interfacesOf(local, remote)) sessions.set(name, path)
    }
  }
  return { ipv4Routes, ipv6Routes, sessions, storage: await readStorage(host, routes), addressed }
}

function nameOf({ networkInterface }: { readonly networkInterface: string }): string {
  return networkInterface
}

async function readSshPorts(host: Host): Promise<ReadonlySet<number>> {
  const included = (await listNames(host, '/etc/ssh/sshd_config.d')).map((name) => `/etc/ssh/sshd_config.d/${name}`)
  const ports = new Set([SSH_PORT])
  for (const path of ['/etc/ssh/sshd_config', ...included]) {
    const text = (await host.readText(path)).value ?? ''
    for (const [, port] of text.matchAll(/^\s*Port[\s=]+(\d{1,5})\s*$/gim)) ports.add(Number(port))
  }
  return ports
}

async function readStorage(host: Host, routes: readonly Route[]): Promise<ReadonlyMap<string, NetworkStorage>> {
  const storage = new Map<string, NetworkStorage>()
  const add = (server: string | undefined, found: NetworkStorage) => {
    const address = parseIpAddress(server ?? '')
    if (address === undefined || isLoopback(address)) return
    for (const { networkInterface } of routesTo(routes, address)) storage.set(networkInterface, found)
  }
  for (const { type, mountPoint, options, evidence } of await readMounts(host)) {
    if (!/^(?:nfs4?|cifs|smb3)$/.test(type)) continue
    const server = options.find((option) => option.startsWith('addr='))?.slice('addr='.length)
    add(server, { words: `${mountPoint} is mounted from a server`, end: mountPoint, evidence })
  }
  for (const connection of await listNames(host, ISCSI)) {
    const evidence = `${ISCSI}/${connection}/persistent_address`
    add(await readValue(host, evidence), { words: 'an iSCSI disk is reached', end: connection, evidence })
  }
  return storage
}
