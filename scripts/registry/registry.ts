import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { repository } from '../workspace.js'
import { mustRun } from './run.js'

const START_DEADLINE = 60_000
/** Small, and everything of ours needs it. */
const PROBE = 'zod'

/** A registry on the loopback interface: what is published to it, and everything else from the registry of npm's settings. */
export interface Registry {
  /** Ends in a slash. */
  readonly url: string
  close(): Promise<void>
}

interface Verdaccio {
  readonly process: ChildProcess
  readonly log: () => string
}

/**
 * Starts verdaccio in a folder and waits until it answers, for our packages and for those of others.
 * @throws Error that says which of the two does not answer
 */
export async function startRegistry(folder: string): Promise<Registry> {
  await mkdir(folder, { recursive: true })
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/`
  await writeFile(join(folder, 'config.yaml'), await settings())
  const child = await startVerdaccio(folder, port)
  const close = async (): Promise<void> => await end(child.process)
  try {
    await untilAnswers(`${url}-/ping`, child)
    await requireOthers(`${url}${PROBE}`)
    return { url, close }
  } catch (error) {
    await close()
    throw new Error(`${(error as Error).message}\n${child.log()}`)
  }
}

/** What npm asks when nobody tells it otherwise, read when it is needed and written nowhere but to the temporary folder. */
async function settings(): Promise<string> {
  const url = await npmSetting('registry')
  const everybody = { access: '$all', publish: '$anonymous', unpublish: '$anonymous' }
  // JSON is YAML.
  return JSON.stringify({
    storage: './storage',
    web: { enable: false },
    auth: { htpasswd: { file: './htpasswd', max_users: -1 } },
    uplinks: { upstream: { url, timeout: '60s', max_fails: 3, fail_timeout: '5s' } },
    // Ours are never asked of anybody else: the scope is not ours there.
    packages: { '@janus/*': everybody, 'janus-module-*': everybody, '**': { ...everybody, proxy: 'upstream' } },
    middlewares: { audit: { enabled: false } },
    server: { keepAliveTimeout: 60 },
    log: { type: 'stdout', format: 'pretty', level: 'warn' },
  })
}

async function npmSetting(name: string): Promise<string> {
  const { stdout } = await mustRun('npm', ['config', 'get', name], { cwd: '/', env: process.env, deadline: 60 })
  return stdout.trim()
}

async function startVerdaccio(folder: string, port: number): Promise<Verdaccio> {
  const program = join(repository, 'node_modules/verdaccio/bin/verdaccio')
  const args = [program, '--config', join(folder, 'config.yaml'), '--listen', `127.0.0.1:${port}`]
  const authorities = process.env.NODE_EXTRA_CA_CERTS ?? (await npmSetting('cafile'))
  const env = { ...process.env, ...(authorities === 'null' ? {} : { NODE_EXTRA_CA_CERTS: authorities }) }
  const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const lines: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => lines.push(bytes))
  // Nothing of ours outlives the process, nor writes into what that removes as it ends.
  process.prependOnceListener('exit', () => child.kill('SIGKILL'))
  return { process: child, log: () => Buffer.concat(lines).toString() }
}

async function untilAnswers(url: string, child: Verdaccio): Promise<void> {
  const until = Date.now() + START_DEADLINE
  while (Date.now() < until && child.process.exitCode === null) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined)
    if (answer?.ok === true) return
    await delay(100)
  }
  throw new Error(`the local registry did not start within ${START_DEADLINE / 1000} s`)
}

async function requireOthers(url: string): Promise<void> {
  const answer = await fetch(url, {
    headers: { accept: 'application/vnd.npm.install-v1+json' },
    signal: AbortSignal.timeout(START_DEADLINE),
  }).catch((error: unknown) => String(error))
  if (typeof answer !== 'string') await answer.body?.cancel()
  if (typeof answer !== 'string' && answer.ok) return
  const said = typeof answer === 'string' ? answer : `status ${answer.status}`
  throw new Error(`the registry that npm is configured with gives no ${PROBE} (${said}): it is needed`)
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port on the loopback interface')
  return address.port
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await Promise.race([ended, delay(5_000)])
  child.kill('SIGKILL')
}
