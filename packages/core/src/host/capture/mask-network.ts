import type { MaskContext } from './mask.js'

/** Masks destination and gateway of `/proc/net/route`; a network keeps the bits that its mask leaves out. */
export function maskIpv4Routes(text: string, { addresses, common }: MaskContext): string {
  return mapRows(text, (fields) => {
    const [, destination = '', gateway = '', , , , , mask = ''] = fields
    const prefix = (Number.parseInt(mask, 16) >>> 0).toString(2).replaceAll('0', '').length
    return replaceFields(fields.map(common), {
      1: addresses.kernelHex(destination, prefix),
      2: addresses.kernelHex(gateway),
    })
  })
}

/** Masks destination, source and next hop of `/proc/net/ipv6_route`. */
export function maskIpv6Routes(text: string, { addresses, common }: MaskContext): string {
  return mapRows(text, (fields) => {
    const [destination = '', prefix = '', source = '', sourcePrefix = '', gateway = ''] = fields
    return replaceFields(fields.map(common), {
      0: addresses.networkHex(destination, Number.parseInt(prefix, 16)),
      2: addresses.networkHex(source, Number.parseInt(sourcePrefix, 16)),
      4: addresses.networkHex(gateway),
    })
  })
}

/** Masks the addresses of `/proc/net/if_inet6`. */
export function maskIpv6Addresses(text: string, { addresses, common }: MaskContext): string {
  return mapRows(text, (fields) => replaceFields(fields.map(common), { 0: addresses.networkHex(fields[0] ?? '') }))
}

/** Masks both ends of the connections of `/proc/net/tcp` and `tcp6`. */
export function maskSockets(text: string, { addresses }: MaskContext): string {
  return text.replace(
    /\b([0-9A-F]{32}|[0-9A-F]{8}):([0-9A-F]{4})\b/g,
    (_, address: string, port: string) => `${addresses.kernelHex(address)}:${port}`,
  )
}

function mapRows(text: string, edit: (fields: readonly string[]) => readonly string[]): string {
  return text
    .split('\n')
    .map((line) => (line.trim() === '' ? line : edit(line.trim().split(/\s+/)).join('\t')))
    .join('\n')
}

function replaceFields(fields: readonly string[], replacements: Readonly<Record<number, string>>): readonly string[] {
  return fields.map((field, index) => replacements[index] ?? field)
}
