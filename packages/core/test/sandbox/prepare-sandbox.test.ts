import { execFile, spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type OutputPairs,
  openOutputPairs,
  type PreparedProgram,
  prepareSandbox,
  type SandboxTools,
  systemDirectories,
} from '../../src/sandbox/index.js'

const isRoot = process.geteuid?.() === 0
const tools: SandboxTools = {
  program: '/usr/bin/bwrap',
  prlimit: '/usr/bin/prlimit',
  architecture: process.arch === 'arm64' ? 'aarch64' : 'x86_64',
  identity: { uid: 4242, gid: 4242 },
}
const storage = { bytes: 1024 * 1024, inodes: 100 }
const HOLDER = fileURLToPath(new URL('./hold-prepared.ts', import.meta.url))

let outputs: OutputPairs
beforeAll(async () => {
  outputs = await openOutputPairs()
})
afterAll(() => outputs.close())

const prepare = async (more = {}) =>
  prepareSandbox(tools, { storage, outputs, system: await systemDirectories(), ...more })

const shell = (script: string, more: Partial<PreparedProgram> = {}): PreparedProgram => ({
  command: '/bin/sh',
  args: ['-c', script],
  env: { PATH: '/usr/bin', HOME: '/home/tool' },
  readOnly: [],
  writable: [],
  sockets: [],
  limits: {},
  boundsProcesses: false,
  held: false,
  ...more,
})

async function run(script: string, more: Partial<PreparedProgram> = {}) {
  const prepared = await prepare()
  let text = ''
  prepared.stdout.take((bytes) => {
    text += Buffer.from(bytes).toString()
  })
  const { child, status, release } = prepared.launch(shell(script, more))
  release()
  await new Promise((resolve) => child.once('exit', resolve))
  await prepared.stdout.ended
  const files = await readdir(`${prepared.directory}/workspace`)
  prepared.close()
  return { text, files, status: status.exitCode() }
}

/** Mount namespaces that this process has open. */
async function heldMounts(): Promise<readonly string[]> {
  const descriptors = await readdir('/proc/self/fd')
  const targets = descriptors.map((descriptor) => readlink(`/proc/self/fd/${descriptor}`).catch(() => ''))
  return (await Promise.all(targets)).filter((target) => target.startsWith('mnt:'))
}

describe('a prepared sandbox', () => {
  test('runs a program whose files can be seen from outside, and are gone with it', async () => {
    const { text, files, status } = await run('pwd; echo x >file; exit 3')
    expect({ text, files, status }).toEqual({ text: '/workspace\n', files: ['file'], status: 3 })
    expect(await readFile('/proc/self/mountinfo', 'utf8')).not.toContain('janus-storage')
    await expect.poll(heldMounts).toEqual([])
  })

  test('enters its cgroups before anything of it is there, and is not there when it cannot', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'janus-entries-'))
    const entries = ['one', 'two words'].map((name) => join(folder, name))
    try {
      const prepared = await prepare({ cgroups: entries })
      prepared.close()
      for (const entry of entries) expect(await readFile(entry, 'utf8')).toBe('0\n')
      await expect(prepare({ cgroups: [join(folder, 'missing', 'tasks')] })).rejects.toMatchObject({
        code: 'JANUS_SANDBOX_UNAVAILABLE',
      })
      // Opened, but refused by the kernel: nothing can be written there.
      await expect(prepare({ cgroups: ['/dev/full'] })).rejects.toMatchObject({ code: 'JANUS_SANDBOX_UNAVAILABLE' })
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test('gives exactly the arguments that it was given', async () => {
    const args = [
      '-c',
      'for word in "$@"; do printf "%s|" "$word"; done',
      'sh',
      'a b',
      '',
      '--',
      '-Su',
      'launch',
      'two\nlines',
      '\u202e',
      '\x01\x81',
    ]
    const { text } = await run('', { args })
    expect(text).toBe(
      args
        .slice(3)
        .map((word) => `${word}|`)
        .join(''),
    )
  })

  test('bounds all that it writes together, in bytes and in names', async () => {
    const full = await run(
      'head -c 700K /dev/zero >a; head -c 700K /dev/zero >/tmp/b; head -c 700K /dev/zero >/dev/shm/c; stat -c %s a /tmp/b /dev/shm/c | tr "\\n" " "',
    )
    const sizes = full.text.trim().split(' ').map(Number)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(storage.bytes)
    const names = await run('for n in $(seq 200); do : >$n || break; done 2>/dev/null')
    expect(names.files.length).toBeGreaterThan(50)
    expect(names.files.length).toBeLessThan(storage.inodes)
  })

  test('holds its limits, and what was not there before it', async () => {
    const limits = { processes: 10, descriptors: 100, memory: 64 << 20, fileSize: 1 << 20, cpu: 7 }
    const { text } = await run(
      'ulimit -n; ulimit -d; ulimit -f; ulimit -t; ulimit -c; cat /proc/self/status; grep processes /proc/self/limits',
      { limits },
    )
    const lines = text.split('\n')
    expect(lines.slice(0, 5)).toEqual(['100', '65536', '2048', '7', '0'])
    expect(text).toMatch(/CapEff:\s+0+\n.*CapBnd:\s+0+\n/s)
    expect(text).toMatch(isRoot ? /Uid:\s+4242/ : /Uid:\s+65534/)
    expect(text).toMatch(/Max processes\s+1[0-2]\s/)
  })

  test('runs one program only', async () => {
    const prepared = await prepare()
    const { child, release } = prepared.launch(shell('true'))
    release()
    expect(() => prepared.launch(shell('true'))).toThrow('one program')
    await new Promise((resolve) => child.once('exit', resolve))
    prepared.close()
    prepared.close()
  })

  test('is ended when it is given up before it was launched', async () => {
    const prepared = await prepare()
    const isThere = async () =>
      (await readFile(`/proc/${prepared.pid}/stat`, 'utf8').catch(() => ') Z')).split(') ')[1]?.[0] !== 'Z'
    expect(await isThere()).toBe(true)
    prepared.close()
    for (let tries = 0; tries < 100 && (await isThere()); tries += 1) await delay(20)
    expect(await isThere()).toBe(false)
  })

  test.each(['parked', 'launched'])('that is %s ends with its caller, even by SIGKILL', async (state) => {
    const caller = spawn(process.execPath, ['--import', 'tsx', HOLDER, state], { stdio: ['ignore', 'pipe', 'inherit'] })
    const pid = await new Promise<string>((resolve) =>
      caller.stdout.once('data', (data: Buffer) => resolve(data.toString().trim())),
    )
    const left = async (): Promise<string> => {
      const list =
        'for p in /proc/[0-9]*; do tr "\\0" "\\n" <$p/environ 2>/dev/null | grep -qx "JANUS_HELD=$1" && basename $p; done; kill -0 "$1" 2>/dev/null && ! grep -q "^State:.Z" /proc/$1/status && echo leader; true'
      return (await promisify(execFile)('/bin/bash', ['-c', list, 'bash', pid])).stdout.trim()
    }
    for (let tries = 0; tries < 100 && (await left()) === ''; tries += 1) await delay(50)
    expect(await left()).not.toBe('')
    caller.kill('SIGKILL')
    for (let tries = 0; tries < 100 && (await left()) !== ''; tries += 1) await delay(50)
    expect(await left()).toBe('')
  })

  test('says why when it cannot be prepared', async () => {
    const wrong = prepare({ storage: { bytes: -1, inodes: 1 } })
    await expect(wrong).rejects.toMatchObject({ code: 'JANUS_SANDBOX_UNAVAILABLE' })
  })
})
