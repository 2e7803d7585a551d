import { connect, type Socket } from 'node:net'
import type { PermittedRequest, ProxyPass } from './proxy-pass.js'

const MOST_TRIES = 4

/**
 * Connects to the first of the checked addresses that answers. The name is not looked up again. The row of the request says which.
 * @returns undefined when none does
 */
export async function dial(
  { addresses, destination, row }: PermittedRequest,
  pass: Pick<ProxyPass, 'limits' | 'signal' | 'watch'>,
): Promise<Socket | undefined> {
  for (const address of addresses.slice(0, MOST_TRIES)) {
    if (pass.signal.aborted) return undefined
    const socket = await connected(address, destination.port, pass.limits.connect)
    if (socket === undefined) continue
    pass.watch(socket)
    row.tell(`it went to ${address}`)
    return socket.destroyed ? undefined : socket
  }
  row.tell(`it did not answer at ${addresses.slice(0, MOST_TRIES).join(', ')}`)
  return undefined
}

function connected(host: string, port: number, timeout: number): Promise<Socket | undefined> {
  const socket = connect({ host, port, allowHalfOpen: true, noDelay: true })
  return new Promise((resolve) => {
    const fail = (): void => {
      socket.destroy()
      resolve(undefined)
    }
    socket.once('error', fail)
    socket.setTimeout(timeout, fail)
    socket.once('connect', () => {
      socket.off('error', fail)
      socket.removeAllListeners('timeout')
      resolve(socket)
    })
  })
}
