import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { Server } from 'node:net'
import { agentError } from '../errors/agent-error.js'

const NSENTER_PLACES = [
  '/usr/bin/nsenter',
  '/bin/nsenter',
  '/usr/local/bin/nsenter',
  '/run/current-system/sw/bin/nsenter',
]
const MOST_ERROR_BYTES = 1_000
const TIMEOUT = 15_000
/** What to do where it is missing. */
export const INSTALL_NSENTER = 'Install util-linux: `apt-get install util-linux`.'

/**
 * Runs inside for as long as it takes to listen and to hand the listening socket over. The address of the loopback device is
 * there when bubblewrap has set it up, soon after the namespace.
 */
const PROGRAM = `
const server = require('node:net').createServer()
const [host, port] = process.argv.slice(1)
const listen = () => server.listen(Number(port), host)
server.on('error', (error) => {
  if (error.code === 'EADDRNOTAVAIL') return setTimeout(listen, 2)
  console.error(error.message)
  process.exit(1)
})
server.on('listening', () => process.send('listening', server, {}, () => process.disconnect()))
process.on('disconnect', () => process.exit())
listen()
`

/**
 * Listens on an address of loopback in the network namespace of another process. A program enters the namespace, listens, and hands
 * the socket over; it is gone before this resolves. From then on the socket is this process's own, and nothing of ours is left inside.
 * @param pid of a process that is in that namespace and in the user namespace that owns it
 * @throws JANUS_AGENT_NETWORK_UNAVAILABLE
 */
export async function listenInside(
  pid: number,
  { host, port }: { readonly host: string; readonly port: number },
  signal?: AbortSignal,
): Promise<Server> {
  const nsenter = findNsenter()
  if (nsenter === undefined) throw unavailable('nsenter is not installed', INSTALL_NSENTER)
  const namespaces = ['--preserve-credentials', '-U', '-n', '-t', String(pid), '--']
  const child = spawn(nsenter, [...namespaces, process.execPath, '-e', PROGRAM, host, String(port)], {
    cwd: '/',
    env: {},
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    timeout: TIMEOUT,
    killSignal: 'SIGKILL',
    ...(signal === undefined ? {} : { signal }),
  })
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    if (said.length < MOST_ERROR_BYTES) said += text
  })
  return new Promise((resolve, reject) => {
    let server: Server | undefined
    const fail = (cause?: unknown): void => {
      server?.close()
      const because = said.trim().split('\n')[0] || 'it could not be entered'
      reject(unavailable(`the network of a run could not be prepared: ${because}`, undefined, cause))
    }
    child.once('message', (_, handle) => {
      if (handle instanceof Server) server = handle
    })
    child.once('error', fail)
    child.once('close', () => (server === undefined || signal?.aborted === true ? fail() : resolve(server)))
  })
}

/** The program that enters the network of a run; undefined where it is not installed. */
export function findNsenter(): string | undefined {
  return NSENTER_PLACES.find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function unavailable(message: string, remedy: string | undefined, cause?: unknown): Error {
  return agentError('JANUS_AGENT_NETWORK_UNAVAILABLE', message, {
    ...(remedy === undefined ? {} : { remedy }),
    ...(cause === undefined ? {} : { cause }),
  })
}
