import { execFile, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import {
  createPipeReaders,
  type PreparedProgram,
  type PreparedSandbox,
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

const readers = createPipeReaders()

const prepare = async (more = {}) =>
  prepareSandbox(tools, { storage, readers, system: await systemDirectories(), ...more })

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

/** Runs a shell in one that is there, to its end. */
async function runIn(prepared: PreparedSandbox, script: string, more: Partial<PreparedProgram> = {}) {
  const { program, status, release, stdout } = prepared.launch(shell(script, more))
  let text = ''
  stdout.take((bytes) => {
    text += Buffer.from(bytes).toString()
  })
  release()
  await program.ended
  await stdout.ended
  return { text, status: status.exitCode() }
}

async function run(script: string, more: Partial<PreparedProgram> = {}) {
  const prepared = await prepare()
  const { text, status } = await runIn(prepared, script, more)
  const files = await readdir(`${prepared.directory}/workspace`)
  prepared.close()
  return { text, files, status }
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
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
    expect(text).toMatch(isRoot ? /Max processes\s+10\s/ : /Max processes\s+14\s/)
  })

  test('runs one program only', async () => {
    const prepared = await prepare()
    const { program, release } = prepared.launch(shell('true'))
    release()
    expect(() => prepared.launch(shell('true'))).toThrow('one program')
    await program.ended
    prepared.close()
    prepared.close()
  })

  test('starts nothing that was not released', async () => {
    const prepared = await prepare()
    const { program, status } = prepared.launch(shell('echo >/workspace/file; sleep 600'))
    await delay(300)
    expect(await readdir(`${prepared.directory}/workspace`)).toEqual([])
    expect(status.wasSetUp()).toBe(false)
    program.kill()
    await program.ended
    expect(program.wasKilled()).toBe(true)
    expect(await prepared.renew()).toBe(false)
    prepared.close()
  })

  test.each(['', 'two\nlines', 'x'.repeat(300_000)])('gives its input whole, and its end: input %#', async (input) => {
    const prepared = await prepare()
    expect((await runIn(prepared, 'wc -c', { input })).text.trim()).toBe(String(input.length))
    expect(await prepared.renew()).toBe(true)
    expect((await runIn(prepared, 'wc -c')).text.trim()).toBe('0')
    expect(await prepared.renew()).toBe(true)
    // Of input that nobody reads nothing is left for the next.
    expect((await runIn(prepared, 'true', { input })).status).toBe(0)
    expect(await prepared.renew()).toBe(true)
    expect((await runIn(prepared, 'cat', { input: 'other' })).text).toBe('other')
    prepared.close()
  })

  test('leaves nothing of a program to the next one that it is renewed for', async () => {
    const prepared = await prepare()
    const leave = [
      'umask 0; mkdir -p a/b; echo x >a/b/c; ln -s /etc l; mkfifo p; echo y >/tmp/y; echo z >/dev/shm/z; echo h >$HOME/h',
      'perl -e "fcntl(STDIN, 4, 04000); fcntl(STDIN, 10, 12)"; chmod 755 /proc/self/fd/[12]; touch -d @1111 /proc/self/fd/[12]',
      'chmod 000 a /workspace /tmp; ulimit -n 20; (setsid sleep 600 >/dev/null 2>&1 &); export LEFT=left; echo wrote; exit 4',
    ]
    expect(await runIn(prepared, leave.join('; '), { env: { SECRET: 'secret' } })).toEqual({
      text: 'wrote\n',
      status: 4,
    })
    expect(await prepared.renew()).toBe(true)
    const look = [
      'ls -A /workspace /tmp /dev/shm $HOME; stat -c %a /workspace /tmp $HOME; ulimit -n; env | grep -c -e LEFT -e SECRET',
      'set -- /proc/[0-9]*; echo $#; ls /proc/self/fd; stat -Lc %a /proc/self/fd/[12]; stat -Lc %Y /proc/self/fd/2 | grep -c 1111',
      'perl -e "print join(q( ), map { fcntl(STDIN, \\$_, 0) } 3, 11)"',
    ]
    const next = await runIn(prepared, look.join('; '))
    expect(await prepared.renew()).toBe(true)
    expect(await runIn(prepared, look.join('; '))).toEqual(next)
    prepared.close()
    const fresh = await run(look.join('; '))
    expect(next).toEqual({ text: fresh.text, status: fresh.status })
    expect(fresh.text).toContain('/workspace:\n')
    expect(fresh.text).toMatch(/700\n700\n700\n256\n0\n/)
  })

  test('is not renewed where more was left than is worth removing, nor when it was killed', async () => {
    const full = await prepare({ storage: { bytes: 1024 * 1024, inodes: 1000 } })
    await runIn(full, 'for n in $(seq 300); do : >$n; done')
    expect(await full.renew()).toBe(false)
    full.close()
    const killed = await prepare()
    const { program, release } = killed.launch(shell('sleep 600'))
    release()
    process.kill(killed.pid, 'SIGKILL')
    await program.ended
    expect(await killed.renew()).toBe(false)
    killed.close()
    const unused = await prepare()
    expect(await unused.renew()).toBe(false)
    unused.close()
  })

  test('hands no program what the launcher is told on, nor anything else of it', async () => {
    const { text } = await run('for fd in /proc/$$/fd/*; do readlink $fd; done')
    expect(text).toMatch(/^\/dev\/null\n\S+\/output\n\S+\/errors\n$/)
  })

  test('is not renewed, and waited for no longer, when its launcher does not answer', async () => {
    const prepared = await prepare()
    const launcher = parentOf(prepared.pid)
    await runIn(prepared, 'true')
    process.kill(launcher, 'SIGSTOP')
    expect(await prepared.renew()).toBe(false)
    prepared.close()
    await expect.poll(() => existsSync(`/proc/${launcher}`), { timeout: 5000 }).toBe(false)
  })

  test('that has ended before it was launched tells at once that its program was killed', async () => {
    const prepared = await prepare()
    process.kill(parentOf(prepared.pid), 'SIGKILL')
    await expect.poll(() => prepared.isThere(), { timeout: 5000 }).toBe(false)
    // What is known of its end in this process, too.
    await delay(100)
    const { program, release } = prepared.launch(shell('true'))
    release()
    await program.ended
    expect(program.wasKilled()).toBe(true)
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
