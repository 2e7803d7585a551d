import { connect } from 'node:net'
import { createRequestBudget } from '../../src/network/request-budget.js'
import { createNetworkPolicy, type NetworkPolicyOptions } from '../../src/network/resolve-destination.js'
import { createRunProxy, type RunProxy, type RunProxyOptions } from '../../src/network/run-proxy.js'
import { stillClock } from './test-network.js'

export const permitAddress = (address: string): boolean => address === '127.0.0.1'

/** Opens a proxy where a test can reach it, and a way to say something to it and hear all of its answer. */
export async function openProxy(
  policy: NetworkPolicyOptions,
  more: Partial<RunProxyOptions> = {},
): Promise<{
  readonly proxy: RunProxy
  say(text: string): Promise<string>
}> {
  const budget = createRequestBudget(stillClock, { perMinute: 100, perHour: 100 })
  const proxy = createRunProxy({ policy: createNetworkPolicy(policy), budget, ...more })
  await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve))
  const address = proxy.server.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  const say = (text: string): Promise<string> =>
    new Promise((resolve) => {
      let heard = ''
      const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
      socket.setEncoding('latin1').on('data', (part: string) => {
        heard += part
      })
      socket.on('error', () => undefined)
      socket.on('end', () => socket.end())
      socket.on('close', () => resolve(heard))
      socket.write(text, 'latin1')
    })
  return { proxy, say }
}

export const get = (target: string, ...headers: readonly string[]): string =>
  [`GET ${target} HTTP/1.1`, 'Host: allowed.test', 'Connection: close', ...headers, '', ''].join('\r\n')
export const tunnel = (target: string): string => `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`
export const statusOf = (answer: string): string => answer.split(' ')[1] ?? 'none'
