import { hostName } from './host-name.js'

/** Where a request wants to go: a name in its one spelling, and a port. */
export interface Destination {
  readonly host: string
  readonly port: number
}

/** Why there is no destination, with the HTTP status that says so; host and port as they were written. */
export interface RefusedAuthority extends Destination {
  readonly refused: string
  readonly status: 400 | 403
}

const PORT = /^[1-9][0-9]{0,4}$/
const HIGHEST_PORT = 65_535

/**
 * Reads the authority of a request: `host:port` of RFC 9110, and nothing else that the grammar of URLs would let stand there.
 * @param defaultPort where it names none; undefined: it must name one, as CONNECT does
 */
export function parseAuthority(text: string, defaultPort?: number): Destination | RefusedAuthority {
  const refused = (because: string, status: 400 | 403 = 400, host = text, port = 0) => ({
    refused: because,
    status,
    host,
    port,
  })
  if (text.includes('@')) return refused('it names a user')
  const literal = /^(\[[^\]]*\])(?::(.*))?$/s.exec(text)
  const [, name = '', digits] = literal ?? /^([^:]*)(?::(.*))?$/s.exec(text) ?? []
  const port = digits === undefined ? defaultPort : portIn(digits)
  if (port === undefined) return refused('it names no port')
  const read = hostName(name)
  if ('host' in read) return { host: read.host, port }
  return refused(read.because, read.refused === 'address' ? 403 : 400, name, port)
}

/**
 * Reads the target of a request to a proxy in its absolute form. Its path is passed on as it is.
 * @returns the destination with its path, or why there is none
 */
export function parseAbsoluteTarget(target: string): (Destination & { readonly path: string }) | RefusedAuthority {
  const [, authority, rest = ''] = /^http:\/\/([^/?#]*)([/?][\x21-\x22\x24-\x7e]*)?$/i.exec(target) ?? []
  if (authority === undefined) {
    return { refused: 'a proxy is asked with CONNECT or a whole http:// address', status: 400, host: target, port: 0 }
  }
  const parsed = parseAuthority(authority, 80)
  if ('refused' in parsed) return parsed
  return { ...parsed, path: rest.startsWith('/') ? rest : `/${rest}` }
}

function portIn(digits: string): number | undefined {
  const port = Number(digits)
  return PORT.test(digits) && port <= HIGHEST_PORT ? port : undefined
}
