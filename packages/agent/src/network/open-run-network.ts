import type { PrepareSandbox, SocketFamily } from '@janus/core/sandbox'
import type { Enforcement, NetworkRequest } from '../contract/run.js'
import { agentError } from '../errors/agent-error.js'
import { listenInside } from './listen-inside.js'
import type { ProxyLimits } from './proxy-pass.js'
import type { RequestBudget } from './request-budget.js'
import { createNetworkPolicy, type NetworkPolicyOptions } from './resolve-destination.js'
import { createRunProxy } from './run-proxy.js'

/** What the network of a run is made of. */
export interface RunNetworkOptions extends NetworkPolicyOptions {
  /** Shared by all runs. */
  readonly budget: RequestBudget
  readonly limits?: Partial<ProxyLimits>
}

/** The network of one run. */
export interface RunNetwork {
  /** Variables by which programs find the proxy. */
  readonly environment: Readonly<Record<string, string>>
  /** Families of sockets that reach it; UNIX sockets are not among them. */
  readonly sockets: readonly SocketFamily[]
  /** `prepare` of the request to the sandbox. */
  readonly prepare: PrepareSandbox
  /** What was asked of it so far, allowed or not; a bounded number of rows. */
  requests(): readonly NetworkRequest[]
  /** Ends every connection, and gives the listening socket back. Safe to call twice. */
  close(): Promise<void>
}

const INSIDE = { host: '127.0.0.1', port: 3128 }
const ADDRESS = `http://${INSIDE.host}:${INSIDE.port}`

/**
 * Opens the network of a run that was given domains: a proxy in this process that listens in the network namespace of the run, and there only.
 * @returns undefined for an empty list: that run has no network at all
 * @throws JANUS_AGENT_NETWORK_REFUSED when an entry is no domain
 */
export function openRunNetwork(options: RunNetworkOptions): RunNetwork | undefined {
  if (options.domains.length === 0) return undefined
  const { budget, limits } = options
  const proxy = createRunProxy({
    policy: createNetworkPolicy(options),
    budget,
    ...(limits === undefined ? {} : { limits }),
  })
  let used = false
  let closed = false
  return {
    environment: {
      http_proxy: ADDRESS,
      https_proxy: ADDRESS,
      HTTP_PROXY: ADDRESS,
      HTTPS_PROXY: ADDRESS,
      no_proxy: '',
      NO_PROXY: '',
    },
    sockets: ['inet'],
    async prepare(childPid, signal) {
      if (used) throw agentError('JANUS_AGENT_NETWORK_UNAVAILABLE', 'the network of a run is for that run only')
      used = true
      const listening = await listenInside(childPid, INSIDE, signal)
      if (closed) return void listening.close()
      proxy.server.listen(listening)
    },
    requests: proxy.requests,
    async close() {
      closed = true
      proxy.close()
    },
  }
}

/** What holds the network of a run, for its record. @param domains of the run */
export function networkEnforcement(domains: readonly string[]): Enforcement {
  if (domains.length === 0) {
    return {
      dimension: 'network',
      enforced: true,
      by: 'namespace',
      bound: 'none: its own namespace with nothing in it',
    }
  }
  return {
    dimension: 'network',
    enforced: true,
    by: 'proxy',
    bound: `${domains.join(', ')}, by name and checked address; what passes a CONNECT tunnel is not seen`,
  }
}
