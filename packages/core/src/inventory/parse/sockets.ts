import { type IpAddress, parseKernelHexAddress, unmapped } from './ip-address.js'

/** An established TCP connection. */
export interface TcpConnection {
  readonly local: IpAddress
  readonly localPort: number
  readonly remote: IpAddress
}

/** State of an established connection (net/tcp_states.h). */
const ESTABLISHED = '01'

/** Parses the established connections of `/proc/net/tcp` or `/proc/net/tcp6`. */
export function parseEstablished(text: string): TcpConnection[] {
  return text.split('\n').flatMap((line) => {
    const [, local = '', remote = '', state] = line.trim().split(/\s+/)
    const [localAddress = '', port = ''] = local.split(':')
    const own = parseKernelHexAddress(localAddress)
    const other = parseKernelHexAddress(remote.split(':')[0] ?? '')
    if (state !== ESTABLISHED || own === undefined || other === undefined || !/^[0-9A-F]{4}$/i.test(port)) return []
    return [{ local: unmapped(own), localPort: Number.parseInt(port, 16), remote: unmapped(other) }]
  })
}

/** An IPv6 address of an interface. */
export interface Ipv6Address {
  readonly networkInterface: string
  readonly address: IpAddress
  /** True for an address that is not link-local. */
  readonly isGlobal: boolean
}

/** Parses `/proc/net/if_inet6`. */
export function parseIpv6Addresses(text: string): Ipv6Address[] {
  return text.split('\n').flatMap((line) => {
    const [address, , , scope, , networkInterface] = line.trim().split(/\s+/)
    if (networkInterface === undefined || !/^[0-9a-f]{32}$/i.test(address ?? '')) return []
    return [{ networkInterface, address: { bits: BigInt(`0x${address}`), width: 128 }, isGlobal: scope === '00' }]
  })
}
