import { agentError } from '../errors/agent-error.js'
import type { RunNetwork } from '../sandbox/create-run-sandbox.js'
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

const INSIDE = { host: '127.0.0.1', port: 3128 }
const ADDRESS = `http://${INSIDE.host}:${INSIDE.port}`

/**
 * Opens the network of a run that was given domains: a proxy in this process that listens in the network namespace of the run, and there only.
 * What is asked of it is kept in a bounded number of rows.
 * @throws JANUS_AGENT_NETWORK_REFUSED when an entry is no domain, and for an empty list: that run has no network at all
 */
export function openRunNetwork(options: RunNetworkOptions): RunNetwork {
  if (options.domains.length === 0) {
    throw agentError('JANUS_AGENT_NETWORK_REFUSED', 'a run that is given no domains has no network')
  }
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
