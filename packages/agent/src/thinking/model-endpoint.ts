import { lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { modelUnavailable } from './model-failure.js'

/** Where a model is asked. */
export interface ModelEndpoint {
  /** Of the chat completions. */
  readonly url: URL
  readonly isLoopback: boolean
  /** For `lookup` of node:http: looks a name up and refuses addresses that must not be reached. */
  readonly lookup: LookupFunction
}

/** Networks where no model is: this host under other names, its neighbours on the link, metadata services, groups. */
const FORBIDDEN = blockList([
  ['0.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['100.100.100.200', 32, 'ipv4'],
  ['192.0.0.192', 32, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 128, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['fd00:ec2::254', 128, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
])
const LOOPBACK = blockList([
  ['127.0.0.0', 8, 'ipv4'],
  ['::1', 128, 'ipv6'],
])

/**
 * The place of the chat completions below a base address: on this host, or on one that the configuration allows by name. A name is looked up once, when it is
 * connected to, and what it leads to is checked then: a name that is allowed cannot lead to a metadata service, and `localhost` only here.
 * @param options.baseUrl `http://127.0.0.1:8080/v1`
 * @param options.hasKey whether a key will be sent: over a network only by https
 * @throws JANUS_AGENT_MODEL_UNAVAILABLE of the kind `address`
 */
export function modelEndpoint(options: {
  readonly baseUrl: string
  readonly allowedHosts: readonly string[]
  readonly hasKey: boolean
}): ModelEndpoint {
  const { baseUrl, allowedHosts, hasKey } = options
  const url = parsed(baseUrl)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const local = isIP(host) > 0 ? contains(LOOPBACK, host) : host === 'localhost'
  if (!local && !allowedHosts.includes(host)) {
    throw refused(`${host} is neither this host nor in llm.allowed_hosts`)
  }
  if (isIP(host) > 0 && !local && contains(FORBIDDEN, host)) throw refused(`${host} is no address of a model`)
  if (hasKey && !local && url.protocol !== 'https:') throw refused(`a key is not sent to ${host} without https`)
  return { url, isLoopback: local, lookup: checkedLookup(local) }
}

function parsed(baseUrl: string): URL {
  let url: URL
  try {
    url = new URL(`${baseUrl.replace(/\/+$/, '')}/chat/completions`)
  } catch (cause) {
    throw modelUnavailable('address', 'llm.base_url is no address', { cause })
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw refused(`${url.protocol} is neither http: nor https:`)
  if (url.username !== '' || url.password !== '') throw refused('it holds a user or a password')
  return url
}

/** Node asks for one address, or for all of them to try in turn. */
function checkedLookup(local: boolean): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, '', 0)
        return
      }
      const wrong = addresses.find(({ address }) =>
        local ? !contains(LOOPBACK, address) : contains(FORBIDDEN, address) || contains(LOOPBACK, address),
      )
      const [first] = addresses
      if (wrong !== undefined || first === undefined) {
        callback(refused(`${host} leads to ${wrong?.address ?? 'nothing'}`), '', 0)
      } else if (options.all === true) {
        callback(null, addresses)
      } else {
        callback(null, first.address, first.family)
      }
    })
  }
}

/** An IPv4 address in the clothes of IPv6 is that IPv4 address. */
function contains(list: BlockList, address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  const plain = mapped ?? address
  return list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4')
}

function blockList(nets: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[]): BlockList {
  const list = new BlockList()
  for (const [net, prefix, family] of nets) list.addSubnet(net, prefix, family)
  return list
}

function refused(problem: string): Error {
  return modelUnavailable('address', `llm.base_url: ${problem}`)
}
