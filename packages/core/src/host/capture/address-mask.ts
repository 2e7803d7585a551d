import { createHash } from 'node:crypto'
import { type IpAddress, parseIpAddress, parseKernelHexAddress, unmapped } from '../../inventory/parse/ip-address.js'

/** Replaces IP addresses so that addresses which shared a prefix still share one of the same length. */
export interface AddressMask {
  /** An address as people write it; anything else is returned as it is. */
  written(text: string): string
  /** Hex digits of /proc/net, in words of machine byte order. @param prefix bits of a network that count */
  kernelHex(text: string, prefix?: number): string
  /** Hex digits of /proc/net in network byte order. */
  networkHex(text: string, prefix?: number): string
}

/** Bits at the beginning that say what kind of address it is, and are kept. */
const KEPT = { 32: 8, 128: 16 } as const

/**
 * Makes a mask. Loopback, link-local prefixes, multicast and the unspecified address stay what they are.
 * @param salt secret of this capture; without it the addresses cannot be found by trying
 */
export function createAddressMask(salt: string): AddressMask {
  const flips = new Map<string, bigint>()

  function flip(width: number, prefix: string): bigint {
    const key = `${width}/${prefix}`
    const known = flips.get(key)
    if (known !== undefined) return known
    const bit = BigInt((createHash('sha256').update(salt).update(key).digest()[0] ?? 0) & 1)
    flips.set(key, bit)
    return bit
  }

  function mask(address: IpAddress, prefix: number = address.width): IpAddress {
    const plain = unmapped(address)
    if (plain.width !== address.width) return { bits: (0xffffn << 32n) | mask(plain).bits, width: 128 }
    const kept = keptBits(address)
    const digits = address.bits.toString(2).padStart(address.width, '0')
    let bits = 0n
    for (let index = 0; index < address.width; index++) {
      const bit = BigInt(digits[index] ?? '0')
      const isMasked = index >= kept && index < prefix
      bits = (bits << 1n) | (isMasked ? bit ^ flip(address.width, digits.slice(0, index)) : bit)
    }
    return { bits, width: address.width }
  }

  return {
    written(text) {
      const address = parseIpAddress(text)
      return address === undefined ? text : writeAddress(mask(address))
    },
    kernelHex(text, prefix) {
      const address = parseKernelHexAddress(text)
      return address === undefined ? text : swapWords(hexOf(mask(address, prefix)))
    },
    networkHex(text, prefix) {
      if (!/^[0-9a-f]{32}$/i.test(text)) return text
      return hexOf(mask({ bits: BigInt(`0x${text}`), width: 128 }, prefix)).toLowerCase()
    },
  }
}

function keptBits({ bits, width }: IpAddress): number {
  const top = Number(bits >> BigInt(width - 8))
  const isSpecial = width === 32 ? bits === 0n || top === 127 || top >= 224 : bits <= 1n || top === 0xff
  if (isSpecial) return width
  if (width === 32) return bits >> 16n === 0xa9fen ? 16 : KEPT[32]
  return bits >> 118n === 0b1111111010n ? 64 : KEPT[128]
}

function hexOf({ bits, width }: IpAddress): string {
  return bits
    .toString(16)
    .toUpperCase()
    .padStart(width / 4, '0')
}

function swapWords(hex: string): string {
  return (hex.match(/.{8}/g) ?? []).map((word) => (word.match(/../g) ?? []).reverse().join('')).join('')
}

function writeAddress(address: IpAddress): string {
  const hex = hexOf(address).toLowerCase()
  if (address.width === 32) return (hex.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).join('.')
  return (hex.match(/.{4}/g) ?? []).map((group) => Number.parseInt(group, 16).toString(16)).join(':')
}
