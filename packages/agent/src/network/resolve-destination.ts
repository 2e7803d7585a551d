import { Resolver } from 'node:dns/promises'
import { type AddressPolicy, createAddressPolicy } from './address-policy.js'
import { covers, parseDomainEntry } from './domain-entry.js'
import type { Destination } from './parse-authority.js'

/** Finds the addresses of a name. */
export type ResolveHost = (host: string, signal: AbortSignal) => Promise<readonly string[]>

/** What decides where somebody may connect to. */
export interface NetworkPolicyOptions {
  /** Each `host`, `host:port` or `*.host`; empty: nowhere. */
  readonly domains: readonly string[]
  /** Default: the name servers of this machine, not its /etc/hosts. */
  readonly resolve?: ResolveHost
  /** Addresses that are permitted although the policy for addresses refuses them. Default: none. */
  permitAddress?(address: string): boolean
  readonly addresses?: AddressPolicy
}

/** A permitted destination with the checked addresses, one of which is to be dialled; or why it is not permitted. */
export type Resolution = { readonly addresses: readonly string[] } | { readonly refused: string }

/** What may be reached. */
export interface NetworkPolicy {
  /** Whether an entry covers a destination. */
  lists(destination: Destination): boolean
  /** Looks up a destination that is listed, once; what comes back was checked and is not looked up again. */
  resolve(destination: Destination, signal: AbortSignal): Promise<Resolution>
}

const LOOKUP_TIMEOUT = 3_000
const LOOKUP_TRIES = 2
const MOST_ADDRESSES = 16

/**
 * Makes the policy of a list of domains.
 * @throws JANUS_AGENT_NETWORK_REFUSED when an entry is no domain
 */
export function createNetworkPolicy(options: NetworkPolicyOptions): NetworkPolicy {
  const { resolve = askNameServers, addresses = createAddressPolicy() } = options
  const entries = options.domains.map(parseDomainEntry)
  const lists = (destination: Destination): boolean => entries.some((entry) => covers(entry, destination))
  return {
    lists,
    async resolve(destination, signal) {
      if (!lists(destination)) return { refused: 'it is not on the list' }
      let found: readonly string[]
      try {
        found = (await resolve(destination.host, signal)).slice(0, MOST_ADDRESSES)
      } catch {
        return { refused: 'its name was not found' }
      }
      const refusals = found.map((address) =>
        options.permitAddress?.(address) === true ? undefined : addresses.refusal(address),
      )
      const permitted = found.filter((_, index) => refusals[index] === undefined)
      if (permitted.length > 0) return { addresses: permitted }
      const [first] = found
      return {
        refused: first === undefined ? 'its name was not found' : `it leads to ${first}, which is ${refusals[0]}`,
      }
    },
  }
}

/** Asks for the name as it is, without search domains; a thread of the pool, which files need too, is not used for it. */
async function askNameServers(host: string, signal: AbortSignal): Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: LOOKUP_TIMEOUT, tries: LOOKUP_TRIES })
  const cancel = (): void => resolver.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  try {
    signal.throwIfAborted()
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}
