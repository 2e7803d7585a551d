/** Bits of an IP address as a number, with its width: 32 or 128. */
export interface IpAddress {
  readonly bits: bigint
  readonly width: 32 | 128
}

const MAPPED_PREFIX = 0xffffn

/** The IPv4 address within an IPv4-mapped IPv6 address (RFC 4291, 2.5.5.2); any other address as it is. */
export function unmapped(address: IpAddress): IpAddress {
  if (address.width !== 128 || address.bits >> 32n !== MAPPED_PREFIX) return address
  return { bits: address.bits & 0xffffffffn, width: 32 }
}

/** True for 127.0.0.0/8 and ::1. */
export function isLoopback({ bits, width }: IpAddress): boolean {
  return width === 32 ? bits >> 24n === 127n : bits === 1n
}

/**
 * Reads an address as /proc/net prints it in hex: 32-bit words, each in the byte order of the machine (little endian).
 * @param text 8 or 32 hex digits
 */
export function parseKernelHexAddress(text: string): IpAddress | undefined {
  if (!/^(?:[0-9A-Fa-f]{8}|[0-9A-Fa-f]{32})$/.test(text)) return undefined
  const words = text.match(/.{8}/g) ?? []
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).reverse())
  return { bits: BigInt(`0x${bytes.join('')}`), width: text.length === 8 ? 32 : 128 }
}

/** Reads an IPv4 or IPv6 address as people write it, without a zone. */
export function parseIpAddress(text: string): IpAddress | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text)
}

function parseIpv4(text: string): IpAddress | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number)
  if (parts === undefined || parts.some((part) => part > 255)) return undefined
  return { bits: parts.reduce((bits, part) => (bits << 8n) | BigInt(part), 0n), width: 32 }
}

function parseIpv6(text: string): IpAddress | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const groups = [...head, ...Array<string>(missing).fill('0'), ...tail]
  if (!groups.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group))) return undefined
  return { bits: groups.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n), width: 128 }
}
