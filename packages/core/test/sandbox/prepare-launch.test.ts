import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { access } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { createSandbox, type PrepareSandbox, type SandboxRequest } from '../../src/sandbox/index.js'

const bubblewrap = await access('/usr/bin/bwrap').then(
  () => true,
  () => false,
)
const isRoot = process.getuid?.() === 0
const sandbox = createSandbox({ identity: { uid: 4242, gid: 4242 } })
const SANDBOX = new URL('../../src/sandbox/index.ts', import.meta.url).href

const run = (prepare: PrepareSandbox, more: Partial<SandboxRequest> = {}) =>
  sandbox.run({ command: '/usr/bin/readlink', args: ['/proc/self/ns/net'], prepare, ...more })

/** What a program in the namespaces of a process sees: its own network, and the loopback device in it. */
function lookInside(childPid: number): Promise<string> {
  const inside = ['--preserve-credentials', '-U', '-n', '-t', String(childPid), 'cat', '/proc/thread-self/net/dev']
  const child = spawn('nsenter', inside, { stdio: ['ignore', 'pipe', 'pipe'] })
  return new Promise((resolve, reject) => {
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text))
    child.on('error', reject)
    child.on('close', () => resolve(said))
  })
}

describe.skipIf(!bubblewrap)('a run that is prepared', () => {
  test('waits in its own namespaces, into which whoever prepares it gets, and then runs there', async () => {
    let network = ''
    let inside = ''
    const { stdout, exitCode } = await run(async (childPid) => {
      network = readlinkSync(`/proc/${childPid}/ns/net`)
      inside = await lookInside(childPid)
      expect(readFileSync(`/proc/${childPid}/task/${childPid}/children`, 'utf8')).toBe('')
      expect(readFileSync(`/proc/${childPid}/comm`, 'utf8')).toBe('bwrap\n')
    })
    expect(exitCode).toBe(0)
    expect(stdout.trim()).toBe(network)
    expect(network).not.toBe(readlinkSync('/proc/self/ns/net'))
    expect(inside.match(/^\s*\w+:/gm)).toEqual(['    lo:'])
  })

  test('is killed and never started when its preparation fails', async () => {
    let waiting = 0
    const failure = new Error('no network today')
    const failed = run(async (childPid) => {
      waiting = childPid
      throw failure
    })
    await expect(failed).rejects.toBe(failure)
    expect(waiting).toBeGreaterThan(1)
    await vi.waitFor(() => expect(isGone(waiting)).toBe(true))
  })

  test('is ended at its deadline when its preparation does not end, and has not started', async () => {
    let waiting = 0
    let told: AbortSignal | undefined
    const endless: PrepareSandbox = (childPid, signal) => {
      waiting = childPid
      told = signal
      return new Promise(() => undefined)
    }
    const result = await run(endless, { limits: { wall: 1_000, grace: 0 } })
    expect(result).toMatchObject({ started: false, timedOut: true, exitCode: undefined, stdout: '' })
    expect(told?.aborted).toBe(true)
    await vi.waitFor(() => expect(isGone(waiting)).toBe(true))
  })

  test('is ended when it is cancelled meanwhile', async () => {
    const cancelling = new AbortController()
    let waiting = 0
    const result = await run(
      (childPid, signal) => {
        waiting = childPid
        setImmediate(() => cancelling.abort())
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('too late'))))
      },
      { signal: cancelling.signal },
    )
    expect(result).toMatchObject({ started: false, cancelled: true, stdout: '' })
    await vi.waitFor(() => expect(isGone(waiting)).toBe(true))
  })

  test.each(['/usr/bin/true', '/usr/bin/false'])('ends as %s does', async (command) => {
    const { started, exitCode } = await run(async () => undefined, { command, args: [] })
    expect({ started, exitCode }).toEqual({ started: true, exitCode: command === '/usr/bin/true' ? 0 : 1 })
  })

  test('is not started when whoever prepares it is killed', async () => {
    const marker = `janus-held-${process.pid}`
    const program = `
      import { readFileSync } from 'node:fs'
      import { setTimeout as delay } from 'node:timers/promises'
      import { createSandbox } from ${JSON.stringify(SANDBOX)}
      await createSandbox().run({
        command: '/usr/bin/bash',
        args: ['-c', 'exec -a ${marker} sleep 20'],
        prepare: async (childPid) => {
          const users = '/proc/' + childPid + '/uid_map'
          // It waits for the file of users when its own are known and some time has passed.
          while (readFileSync(users, 'utf8') === '') await delay(5)
          await delay(300)
          console.log('prepares')
          process.kill(process.pid, 'SIGKILL')
        },
      })`
    const child = spawn(
      process.execPath,
      ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', program],
      { cwd: '/', env: { PATH: '/usr/bin:/bin', HOME: '/nonexistent' }, stdio: ['ignore', 'pipe', 'inherit'] },
    )
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text) => (said += text))
    await new Promise((resolve) => child.once('close', resolve))
    expect(said).toBe('prepares\n')
    await delay(1_000)
    expect(commandLines().filter((line) => line.includes(marker) && !line.includes('createSandbox'))).toEqual([])
  })

  test('that ends while it is prepared is a sandbox that could not be set up', async () => {
    const killed = run((childPid) => {
      process.kill(childPid, 'SIGKILL')
      return new Promise(() => undefined)
    })
    await expect(killed).rejects.toMatchObject({ code: 'JANUS_SANDBOX_UNAVAILABLE' })
  })

  test.skipIf(!isRoot)('waits for a user without privileges too', async () => {
    const program = `
      import { execFileSync } from 'node:child_process'
      import { createSandbox } from ${JSON.stringify(SANDBOX)}
      const inside = (pid) => ['--preserve-credentials', '-U', '-n', '-t', String(pid), 'readlink', '/proc/self/ns/net']
      let seen
      const { stdout } = await createSandbox().run({
        command: '/usr/bin/readlink',
        args: ['/proc/self/ns/net'],
        prepare: async (pid) => { seen = String(execFileSync('nsenter', inside(pid))) },
      })
      console.log(seen === stdout, stdout.startsWith('net:'))`
    const child = spawn(
      process.execPath,
      ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', program],
      {
        uid: 4242,
        gid: 4242,
        cwd: '/',
        env: { PATH: '/usr/bin:/bin', HOME: '/nonexistent' },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text) => (said += text))
    await new Promise((resolve) => child.once('close', resolve))
    expect(said).toBe('true true\n')
  })
})

function commandLines(): readonly string[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      return /^[0-9]+$/.test(pid) ? [readFileSync(`/proc/${pid}/cmdline`, 'utf8')] : []
    } catch {
      return []
    }
  })
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return true
  }
}
