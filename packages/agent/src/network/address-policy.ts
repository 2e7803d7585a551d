import { BlockList, isIP } from 'node:net'
import { networkInterfaces } from 'node:os'

/** Ranges of the IANA special-purpose registries (RFC 6890), and addresses at which clouds serve credentials. */
const REFUSED: readonly (readonly [range: string, is: string])[] = [
  ['169.254.169.254/32', 'a metadata service'],
  ['100.100.100.200/32', 'a metadata service'],
  ['168.63.129.16/32', 'a metadata service'],
  ['192.0.0.192/32', 'a metadata service'],
  ['fd00:ec2::/32', 'a metadata service'],
  ['fd20:ce::/32', 'a metadata service'],
  ['0.0.0.0/8', 'unspecified'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', "a carrier's"],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'link-local'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'reserved'],
  ['192.0.2.0/24', 'for documentation'],
  ['192.88.99.0/24', 'a 6to4 relay'],
  ['192.168.0.0/16', 'private'],
  ['198.18.0.0/15', 'for measurements'],
  ['198.51.100.0/24', 'for documentation'],
  ['203.0.113.0/24', 'for documentation'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved'],
  ['::/128', 'unspecified'],
  ['::1/128', 'loopback'],
  ['::ffff:0:0/96', 'an IPv4 address in disguise'],
  ['64:ff9b::/96', 'a NAT64 translation'],
  ['64:ff9b:1::/48', 'a NAT64 translation'],
  ['fc00::/7', 'private'],
  ['fe80::/10', 'link-local'],
  ['ff00::/8', 'multicast'],
  ['2001::/32', 'a Teredo tunnel'],
  ['2001::/23', 'reserved'],
  ['2001:db8::/32', 'for documentation'],
  ['2002::/16', 'a 6to4 tunnel'],
  ['3fff::/20', 'for documentation'],
]
const GLOBAL_UNICAST = '2000::/3'

/** Tells which addresses a name must not lead to. */
export interface AddressPolicy {
  /** What speaks against an address, as the end of `it is …`; undefined for a public one of somebody else. */
  refusal(address: string): string | undefined
}

/**
 * The policy for addresses: public ones that are not this machine's own. In IPv6 that is what lies in 2000::/3 and is not set aside.
 * @param ownAddresses of this machine, asked each time
 */
export function createAddressPolicy(ownAddresses: () => Iterable<string> = interfaceAddresses): AddressPolicy {
  const ranges = REFUSED.map(([range, is]) => ({ list: listOf(range), family: familyOf(range), is }))
  const unicast = listOf(GLOBAL_UNICAST)
  return {
    refusal(address) {
      const version = isIP(address)
      if (version === 0 || address.includes('%')) return 'no address of another machine'
      const family = version === 4 ? 'ipv4' : 'ipv6'
      // A list of IPv4 ranges would also match IPv4 addresses mapped into IPv6, which have a range of their own.
      const found = ranges.find((range) => range.family === family && range.list.check(address, family))
      if (found !== undefined) return found.is
      if (family === 'ipv6' && !unicast.check(address, 'ipv6')) return 'not a public address'
      const own = new BlockList()
      for (const ours of ownAddresses()) own.addAddress(ours, isIP(ours) === 4 ? 'ipv4' : 'ipv6')
      return own.check(address, family) ? "this machine's own" : undefined
    },
  }
}

function listOf(range: string): BlockList {
  const [address = '', bits = ''] = range.split('/')
  const list = new BlockList()
  list.addSubnet(address, Number(bits), familyOf(range))
  return list
}

function familyOf(range: string): 'ipv4' | 'ipv6' {
  return range.includes(':') ? 'ipv6' : 'ipv4'
}

function interfaceAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) => addresses.map(({ address }) => address))
}
