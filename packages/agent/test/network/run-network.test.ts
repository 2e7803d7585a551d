import { spawn } from 'node:child_process'
import { readdirSync, readlinkSync } from 'node:fs'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSandbox, type SandboxResult } from '@janus/core/sandbox'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { RunNetwork } from '../../src/index.js'
import { HTTP_ANSWER, type OutsideServer, openOutside, openOutsideTls, testNetwork } from './test-network.js'

const PROGRAM = new URL('../fixtures/run-with-network.ts', import.meta.url).pathname
const sandbox = createSandbox({ identity: { uid: 4242, gid: 4242 } })
let outside: OutsideServer
let secure: OutsideServer

beforeAll(async () => {
  outside = await openOutside()
  secure = await openOutsideTls('secure.test')
})
afterAll(async () => {
  await outside.close()
  await secure.close()
})

const inside = (network: RunNetwork, command: string, ...args: readonly string[]): Promise<SandboxResult> =>
  sandbox.run({
    command,
    args,
    env: { PATH: '/usr/bin:/bin', HOME: '/', ...network.environment },
    sockets: ['inet', 'inet6'],
    prepare: network.prepare,
  })

const curl = (network: RunNetwork, ...args: readonly string[]): Promise<SandboxResult> =>
  inside(network, '/usr/bin/curl', '-sS', '--max-time', '20', ...args)

describe('a run with a network', () => {
  test('reaches what it was given over HTTP, and the record has it', async () => {
    const network = testNetwork([`allowed.test:${outside.port}`])
    const { stdout, stderr } = await curl(network, `http://allowed.test:${outside.port}/path?x=1`, '-d', 'sent')
    await network.close()
    expect(stderr).toBe('')
    expect(stdout).toBe(HTTP_ANSWER)
    expect(outside.arrived.at(-1)).toMatchObject({ method: 'POST', url: '/path?x=1', body: 'sent' })
    expect(network.requests()).toEqual([
      {
        host: 'allowed.test',
        port: outside.port,
        allowed: true,
        because: 'it went to 127.0.0.1',
        bytesSent: 4,
        bytesReceived: HTTP_ANSWER.length,
      },
    ])
  })

  test('reaches what it was given through a tunnel, with TLS from end to end', async () => {
    const network = testNetwork([`secure.test:${secure.port}`])
    const { stdout, stderr } = await curl(network, '--insecure', `https://secure.test:${secure.port}/`)
    await network.close()
    expect({ stdout, stderr }).toEqual({ stdout: HTTP_ANSWER, stderr: '' })
    const [row] = network.requests()
    expect(row).toMatchObject({ host: 'secure.test', port: secure.port, allowed: true })
    expect(row?.bytesReceived).toBeGreaterThan(HTTP_ANSWER.length)
  })

  test('is refused everything else, by HTTP and by tunnel', async () => {
    const network = testNetwork([`allowed.test:${outside.port}`])
    const more = ['--next', '-sS', '--max-time', '20', `https://other.test:${secure.port}/`]
    const { stdout, stderr } = await curl(network, '-w', '%{http_code}', `http://other.test:${outside.port}/`, ...more)
    await network.close()
    expect(stdout).toBe('janus: refused, it is not on the list of this run\n403')
    expect(stderr).toContain('403')
    expect(network.requests().map(({ host, port, allowed }) => ({ host, port, allowed }))).toEqual([
      { host: 'other.test', port: outside.port, allowed: false },
      { host: 'other.test', port: secure.port, allowed: false },
    ])
  })

  test('has no other way out', async () => {
    const network = testNetwork([`allowed.test:${outside.port}`])
    const script = `
      curl -sS --noproxy '*' http://127.0.0.1:${outside.port}/
      curl -sS --noproxy '*' http://allowed.test:${outside.port}/
      perl -e 'use Socket; socket(S, AF_UNIX, SOCK_STREAM, 0) or print "$!\n"'`
    const { stdout, stderr } = await inside(network, '/bin/sh', '-c', script)
    await network.close()
    expect(stdout).toBe('Address family not supported by protocol\n')
    expect(stderr).toContain("Couldn't connect")
    expect(stderr).toContain('Could not resolve')
    expect(network.requests()).toEqual([])
  })

  test('has nothing of ours beside it: no process, no UNIX socket, no descriptor', async () => {
    const network = testNetwork([`allowed.test:${outside.port}`])
    const script = `cat /proc/[0-9]*/comm; tail -n +2 /proc/net/unix
      for fd in /proc/$$/fd/*; do test "\${fd##*/}" -gt 2 && readlink "$fd"; done`
    const { stdout } = await inside(network, '/bin/sh', '-c', script)
    await network.close()
    const lines = stdout.trim().split('\n')
    expect(lines.slice(0, 2)).toEqual(['bwrap', 'sh'])
    expect(lines.slice(2).filter((line) => !/^(?:cat|\/dev\/null)$/.test(line))).toEqual([])
  })

  test('has a network of its own, which no other run is given', async () => {
    const network = testNetwork([`allowed.test:${outside.port}`])
    await inside(network, '/usr/bin/true')
    await expect(inside(network, '/usr/bin/true')).rejects.toMatchObject({ code: 'JANUS_AGENT_NETWORK_UNAVAILABLE' })
    await network.close()
  })

  test('is alone with its proxy', async () => {
    const one = testNetwork([`one.test:${outside.port}`])
    const two = testNetwork([`two.test:${outside.port}`])
    const ask = (network: RunNetwork, host: string) => curl(network, `http://${host}.test:${outside.port}/`)
    const [mine, others] = await Promise.all([ask(one, 'one'), ask(two, 'one')])
    await Promise.all([one.close(), two.close()])
    expect(mine.stdout).toBe(HTTP_ANSWER)
    expect(others.stdout).toContain('refused')
    expect(one.requests()).toHaveLength(1)
    expect(two.requests()).toMatchObject([{ host: 'one.test', allowed: false }])
  })

  test('has none when it was given no domains', () => {
    expect(() => testNetwork([])).toThrow(expect.objectContaining({ code: 'JANUS_AGENT_NETWORK_REFUSED' }))
  })

  test('is never started when its network cannot be prepared', async () => {
    const network = testNetwork([`allowed.test:${outside.port}`])
    const run = sandbox.run({
      command: '/usr/bin/true',
      args: [],
      prepare: (_, signal) => network.prepare(2 ** 22 + 1, signal),
    })
    await expect(run).rejects.toMatchObject({ code: 'JANUS_AGENT_NETWORK_UNAVAILABLE' })
    await network.close()
  })

  test.each(['root', 'a user without privileges'])('works the same in the sandbox of tools, for %s', async (who) => {
    const address = 'http://allowed.test:PORT/'
    const { said, code } = await program(who === 'root' ? undefined : 4242, ['/usr/bin/curl', '-sS', address])
    expect({ said, code }).toEqual({ said: `${HTTP_ANSWER}it went to 127.0.0.1, by proxy\n`, code: 0 })
  })

  test.each(['early', 'late'])('leaves no process in its network when its parent is killed, %s', async (dies) => {
    const { said, code } = await program(undefined, ['/usr/bin/sleep', '30'], { JANUS_TEST_DIES: dies })
    expect(said).toMatch(/^net:\[\d+\]$/)
    expect(code).toBeNull()
    await vi.waitFor(() => expect(networkNamespaces()).not.toContain(said), 10_000)
  })
})

/** Runs the program in a process of its own. */
async function program(
  uid: number | undefined,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'janus-network-'))
  if (uid !== undefined) await chown(folder, uid, uid)
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), PROGRAM, ...command], {
    env: { PATH: '/usr/bin:/bin', HOME: '/nonexistent', TMPDIR: folder, ...env },
    cwd: '/',
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  await rm(folder, { recursive: true })
  return { said, code }
}

/** Network namespaces that a process is in. */
function networkNamespaces(): readonly string[] {
  const found = readdirSync('/proc').flatMap((pid) => {
    try {
      return /^[0-9]+$/.test(pid) ? [readlinkSync(`/proc/${pid}/ns/net`)] : []
    } catch {
      return []
    }
  })
  return [...new Set(found)]
}
