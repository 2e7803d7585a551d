import { domainToASCII } from 'node:url'
import { agentError } from '../errors/agent-error.js'
import { visibleName } from '../review/visible-text.js'
import { hostName } from './host-name.js'
import type { Destination } from './parse-authority.js'

/** One entry of a list of domains. */
export interface DomainEntry {
  readonly host: string
  /** True for `*.host`: every name below it, and not the name itself. */
  readonly below: boolean
  readonly ports: readonly number[]
}

/** Ports of an entry that names none: HTTPS and HTTP. */
const USUAL_PORTS = [443, 80]

/**
 * Reads an entry of a list of domains: `host` (ports 443 and 80), `host:port`, `*.host` or `*.host:port`. A host in other letters is taken
 * by its `xn--…` name.
 * @throws JANUS_AGENT_NETWORK_REFUSED for anything else, addresses among it
 */
export function parseDomainEntry(text: string): DomainEntry {
  const [, star, written = '', digits] = /^(\*\.)?([^:]*)(?::([1-9][0-9]{0,4}))?$/s.exec(text) ?? []
  const port = digits === undefined ? undefined : Number(digits)
  const ascii = /^[\x21-\x7e]*$/.test(written) ? written : domainToASCII(written)
  const read = hostName(ascii)
  if (!('host' in read) || (port !== undefined && port > 65_535)) {
    throw agentError('JANUS_AGENT_NETWORK_REFUSED', `${visibleName(text)} is no domain that a run can be given`, {
      remedy: 'Write `host`, `host:port`, or `*.host` for every name below it; addresses are not given.',
      data: { domain: visibleName(text) },
    })
  }
  return { host: read.host, below: star !== undefined, ports: port === undefined ? USUAL_PORTS : [port] }
}

/** Whether an entry covers a destination: exactly this name, or for `*.host` one below it, on the boundary of a label. */
export function covers(entry: DomainEntry, { host, port }: Destination): boolean {
  return entry.ports.includes(port) && (entry.below ? host.endsWith(`.${entry.host}`) : host === entry.host)
}
