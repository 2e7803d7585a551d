import { type DomainEntry, parseDomainEntry } from './domain-entry.js'

/** What of an action's domains a run may be given. */
export interface AllowedDomains {
  /** Entries for a run, each in its one spelling, sorted. */
  readonly domains: readonly string[]
  /** Entries of the action that nothing allows, as they were written. Untrusted. */
  readonly refused: readonly string[]
}

/**
 * The domains of a run: those of the action that `security.network.allowed_domains` allows too; none where either list is empty. The
 * operator's `host` allows the name and every name below it; an action's `host` is that name alone, for a person approves
 * what stands there.
 * @throws JANUS_AGENT_NETWORK_REFUSED when an entry of either list is no domain
 */
export function allowedOf(actionDomains: Iterable<string>, allowedDomains: Iterable<string>): AllowedDomains {
  const allowed = Array.from(allowedDomains, parseDomainEntry)
  const domains = new Set<string>()
  const refused: string[] = []
  for (const text of actionDomains) {
    const entry = parseDomainEntry(text)
    const ports = entry.ports.filter((port) =>
      allowed.some((wide) => wide.ports.includes(port) && isWithin(entry, wide)),
    )
    if (ports.length === 0) refused.push(text)
    const name = `${entry.below ? '*.' : ''}${entry.host}`
    if (ports.length > 1) domains.add(name)
    else for (const port of ports) domains.add(`${name}:${port}`)
  }
  return { domains: [...domains].sort(), refused }
}

/** Whether everything that an action's entry names is covered by one of the operator's. */
function isWithin({ host, below }: DomainEntry, wide: DomainEntry): boolean {
  if (host.endsWith(`.${wide.host}`)) return true
  return host === wide.host && (below || !wide.below)
}
