import type { LookupFunction } from 'node:net'
import { isIP } from 'node:net'
import { agentError } from '../errors/agent-error.js'
import { visibleName } from '../review/visible-text.js'
import { type Destination, parseAuthority } from './parse-authority.js'
import type { NetworkPolicy } from './resolve-destination.js'

const PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 }

/**
 * The `lookup` of a connection that this process makes itself, under the policy that holds for runs: a client that is given it connects to
 * checked addresses only. Node asks no lookup for a host that is an address; {@link requireAllowedUrl} refuses those.
 * @param port that will be connected to; the lookup is not told
 */
export function createGuardedLookup(policy: NetworkPolicy, port: number): LookupFunction {
  return (host, options, callback) => {
    const parsed = parseAuthority(host, port)
    if ('refused' in parsed) return callback(refused(host, parsed.refused), [])
    policy.resolve(parsed, AbortSignal.timeout(10_000)).then(
      (resolution) => {
        if ('refused' in resolution) return callback(refused(host, resolution.refused), [])
        const wanted = options.family === 'IPv4' ? 4 : options.family === 'IPv6' ? 6 : options.family
        const found = resolution.addresses
          .map((address) => ({ address, family: isIP(address) }))
          .filter(({ family }) => wanted === undefined || wanted === 0 || family === wanted)
        const [first] = found
        if (first === undefined) return callback(refused(host, 'it has no such address'), [])
        if (options.all === true) callback(null, found)
        else callback(null, first.address, first.family)
      },
      (error: Error) => callback(error, []),
    )
  }
}

/**
 * Reads the address of a request that this process makes itself. To be asked of every address, after every redirection: what counts is
 * where a request ends up.
 * @throws JANUS_AGENT_NETWORK_REFUSED
 */
export function requireAllowedUrl(text: string, policy: NetworkPolicy): Destination & { readonly url: URL } {
  // What a reader of addresses repairs (backslashes, tabs, spaces) is another address for the next one.
  const [, authority] = /^https?:\/\/([^/?#\\\s]+)(?:[/?#][\x21-\x7e]*)?$/i.exec(text) ?? []
  if (authority === undefined) throw refused(text, 'it is no http or https address')
  const url = new URL(text)
  const parsed = parseAuthority(authority, PORTS[url.protocol])
  if ('refused' in parsed) throw refused(text, parsed.refused)
  const { host, port } = parsed
  if (!policy.lists({ host, port })) throw refused(`${host}:${port}`, 'it is not on the list')
  return { host, port, url }
}

function refused(what: string, because: string): Error {
  return agentError('JANUS_AGENT_NETWORK_REFUSED', `${visibleName(what)} is refused: ${because}`, {
    data: { destination: visibleName(what) },
  })
}
