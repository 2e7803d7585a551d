import { domainToASCII } from 'node:url'

const MOST_CHARACTERS = 253
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
/** The WHATWG URL standard reads a host whose last label is such a number as an IPv4 address: `127.1`, `0x7f.1`, `2130706433`. */
const NUMBER = /^(?:[0-9]+|0x[0-9a-f]*)$/

/** A name of a host in its one spelling, or why it is none. */
export type HostName =
  | { readonly host: string }
  | { readonly refused: 'address' | 'malformed'; readonly because: string }

/**
 * Reads a name of a host as a request may spell it: letters, digits and hyphens (RFC 1123), at most one dot at its end. Addresses
 * are told apart in every spelling, names in other letters are expected as `xn--…` (RFC 5891).
 */
export function hostName(text: string): HostName {
  if (text.startsWith('[')) return { refused: 'address', because: 'it is an address, not a name' }
  const host = text.toLowerCase().replace(/\.$/, '')
  const labels = host.split('.')
  if (NUMBER.test(labels.at(-1) ?? '')) return { refused: 'address', because: 'it is an address, not a name' }
  if (host.length > MOST_CHARACTERS || !labels.every((label) => LABEL.test(label))) {
    return { refused: 'malformed', because: 'it is no name of a host' }
  }
  // What is no valid punycode looks like one name and may be looked up as another.
  if (host.includes('xn--') && domainToASCII(host) !== host) {
    return { refused: 'malformed', because: 'it is no valid international name' }
  }
  return { host }
}
