import { allowedOf } from './allowed-of.js'
import { type DomainEntry, parseDomainEntry } from './domain-entry.js'

/** Whether a list allows a run anything of what an action names: the rule of {@link allowedOf}; an address is compared as it is written. */
export function isAllowedDomain(named: string, allowed: readonly string[]): boolean {
  return allowed.some((each) => {
    if (read(named) === undefined || read(each) === undefined) return named.toLowerCase() === each.toLowerCase()
    return allowedOf([named], [each]).domains.length > 0
  })
}

/** Whether something of what an action names is on a list of what is denied: an entry without a port stands for every port, and a name for what lies below it. */
export function isDeniedDomain(named: string, denied: readonly string[]): boolean {
  const asked = read(named)
  return denied.some((each) => {
    const wide = read(each)
    if (asked === undefined || wide === undefined) return named.toLowerCase() === each.toLowerCase()
    if (/:\d+$/.test(each) && !wide.ports.some((port) => asked.ports.includes(port))) return false
    return isBelow(asked, wide) || (asked.below && isBelow(wide, asked))
  })
}

function isBelow({ host }: DomainEntry, wide: DomainEntry): boolean {
  return host === wide.host || host.endsWith(`.${wide.host}`)
}

function read(text: string): DomainEntry | undefined {
  try {
    return parseDomainEntry(text)
  } catch {
    return undefined
  }
}
