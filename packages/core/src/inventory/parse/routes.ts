import { type IpAddress, parseKernelHexAddress } from './ip-address.js'

/** One route of the main table. */
export interface Route {
  readonly networkInterface: string
  readonly destination: IpAddress
  /** Bits of the destination that count. */
  readonly prefix: number
  /** True when it goes through a router, false for a network that the interface is on itself. */
  readonly hasGateway: boolean
}

/** RTF_UP and RTF_REJECT of linux/route.h. */
const UP = 0x1
const REJECT = 0x200

/** Parses `/proc/net/route` (IPv4). */
export function parseIpv4Routes(text: string): Route[] {
  return text.split('\n').flatMap((line) => {
    const [networkInterface, destination, gateway, flags, , , , mask] = line.split(/\s+/)
    const address = parseKernelHexAddress(destination ?? '')
    const maskBits = parseKernelHexAddress(mask ?? '')
    if (networkInterface === undefined || address === undefined || maskBits === undefined) return []
    if (address.width !== 32 || !isUsable(flags)) return []
    const prefix = maskBits.bits.toString(2).replaceAll('0', '').length
    return [{ networkInterface, destination: address, prefix, hasGateway: gateway !== '00000000' }]
  })
}

/** Parses `/proc/net/ipv6_route`, whose addresses are in network byte order. */
export function parseIpv6Routes(text: string): Route[] {
  return text.split('\n').flatMap((line) => {
    const [destination, prefix, , , gateway, , , , flags, networkInterface] = line.trim().split(/\s+/)
    if (networkInterface === undefined || networkInterface === 'lo') return []
    if (!/^[0-9a-f]{32}$/i.test(destination ?? '') || !/^[0-9a-f]{2}$/i.test(prefix ?? '') || !isUsable(flags))
      return []
    return [
      {
        networkInterface,
        destination: { bits: BigInt(`0x${destination}`), width: 128 },
        prefix: Number.parseInt(prefix ?? '', 16),
        hasGateway: !/^0+$/.test(gateway ?? ''),
      },
    ]
  })
}

/** True for a route to everywhere. */
export function isDefaultRoute(route: Route): boolean {
  return route.prefix === 0 && route.destination.bits === 0n
}

/** The routes with the longest prefix that an address falls under. */
export function routesTo(routes: readonly Route[], address: IpAddress): Route[] {
  const matching = routes.filter((route) => covers(route, address))
  const longest = Math.max(-1, ...matching.map(({ prefix }) => prefix))
  return matching.filter(({ prefix }) => prefix === longest)
}

function covers({ destination, prefix }: Route, { bits, width }: IpAddress): boolean {
  if (destination.width !== width) return false
  const rest = BigInt(Math.max(0, width - prefix))
  return destination.bits >> rest === bits >> rest
}

function isUsable(flags: string | undefined): boolean {
  const value = Number.parseInt(flags ?? '', 16)
  return (value & UP) !== 0 && (value & REJECT) === 0
}
