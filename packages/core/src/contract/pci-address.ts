/**
 * A PCI address in its canonical form: lower-case `domain:bus:device.function`, the domain at least four digits wide
 * (`0000:03:00.0`, `10000:e1:00.0`). Domains wider than 16 bits are real: VMD and Hyper-V make them.
 */
export type PciAddress = string & { readonly __pciAddress: unique symbol }

/** What came of reading a PCI address: the address, or why not and what was probably meant. */
export type PciAddressParse =
  | { readonly address: PciAddress }
  | { readonly address?: undefined; readonly problem: string; readonly nearMatch?: PciAddress }

const CANONICAL = /^([0-9a-f]{4,8}):([0-9a-f]{2}):([01][0-9a-f])\.([0-7])$/

/**
 * Reads a PCI address as people write it: upper case and a missing domain are normalised, anything else is refused
 * with the near match. Device numbers end at 1f, function numbers at 7 (PCI Local Bus 3.0, 3.2.2.3.2).
 * @param text up to 64 characters of untrusted text
 */
export function parsePciAddress(text: string): PciAddressParse {
  const lower = text.toLowerCase()
  const candidate = normalised(lower)
  if (candidate !== undefined) return { address: candidate }
  const nearMatch = guess(lower)
  return { problem: describeProblem(lower), ...(nearMatch === undefined ? {} : { nearMatch }) }
}

/** True for text that is a PCI address in canonical form. */
export function isPciAddress(text: string): text is PciAddress {
  return parsePciAddress(text).address === text
}

function normalised(lower: string): PciAddress | undefined {
  const match = /^(?:([0-9a-f]{1,8}):)?([0-9a-f]{1,2}):([0-9a-f]{1,2})\.([0-9a-f])$/.exec(lower)
  if (match === null) return undefined
  const [, domain = '0', bus = '', device = '', fn = ''] = match
  const address = `${domain.replace(/^0+/, '').padStart(4, '0')}:${bus.padStart(2, '0')}:${device.padStart(2, '0')}.${fn}`
  return CANONICAL.test(address) ? (address as PciAddress) : undefined
}

function guess(lower: string): PciAddress | undefined {
  const digits = lower
    .slice(0, 64)
    .replace(/[^0-9a-f:.]/g, ' ')
    .trim()
    .split(/\s+/)
  for (const word of digits) {
    const direct = normalised(word)
    if (direct !== undefined) return direct
    const missingFunction = normalised(`${word}.0`)
    if (missingFunction !== undefined) return missingFunction
    const loose = /^([0-9a-f]{1,8})[:.]([0-9a-f]{1,2})[:.]([0-9a-f]{1,2})[:.]([0-7])$/.exec(word)
    const candidate = loose === null ? undefined : normalised(`${loose[1]}:${loose[2]}:${loose[3]}.${loose[4]}`)
    if (candidate !== undefined) return candidate
  }
  return undefined
}

function describeProblem(lower: string): string {
  const match = /^(?:([0-9a-f]+):)?([0-9a-f]+):([0-9a-f]+)\.([0-9a-f]+)$/.exec(lower.slice(0, 64))
  if (match === null) return 'it is not of the form domain:bus:device.function'
  const [, domain = '', bus = '', device = '', fn = ''] = match
  if (Number.parseInt(fn, 16) > 7) return `function ${fn} is greater than 7`
  if (Number.parseInt(device, 16) > 0x1f) return `device ${device} is greater than 1f`
  if (Number.parseInt(bus, 16) > 0xff) return `bus ${bus} is greater than ff`
  return `domain ${domain} is wider than 32 bits`
}
