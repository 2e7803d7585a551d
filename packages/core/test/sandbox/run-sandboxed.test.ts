import { execFile, spawn } from 'node:child_process'
import { access, chmod, chown, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSandbox, type SandboxRequest } from '../../src/sandbox/index.js'

const bubblewrap = await access('/usr/bin/bwrap').then(
  () => true,
  () => false,
)
const isRoot = process.getuid?.() === 0
const identity = { uid: 4242, gid: 4242 }
const sandbox = createSandbox({ identity })
const DIST = new URL('../../dist/sandbox.js', import.meta.url).href
let folder = ''
let server: Server

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-sandbox-')))
  await chmod(folder, 0o755)
  server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.end('hello')
  }).listen(join(folder, 'socket'))
  await writeFile(join(folder, 'shown.txt'), 'shown\n')
  await chmod(join(folder, 'socket'), 0o777).catch(() => undefined)
})
afterAll(async () => {
  server.close()
  await rm(folder, { recursive: true, force: true })
})

const shell = (script: string, more: Partial<SandboxRequest> = {}) =>
  sandbox.run({ command: '/bin/sh', args: ['-c', script], ...more })

describe.skipIf(!bubblewrap)('a program in the sandbox', () => {
  test('answers with what it wrote, read and ended with', async () => {
    const result = await shell('cat; echo err >&2; echo own >&9; exit 3', { input: 'in', channel: 100 })
    expect(result).toMatchObject({
      started: true,
      exitCode: 3,
      signal: undefined,
      stdout: 'in',
      stderr: 'err\n',
      channel: 'own\n',
    })
    expect(result).toMatchObject({ timedOut: false, truncated: false, overflowed: false, cancelled: false })
  })

  test('gets exactly these arguments, whatever is in them', async () => {
    const args = ['--bind', '/', '/', '$(id)', 'a b', '', "'", '\u202e', '--', '-x']
    const { stdout } = await sandbox.run({ command: '/usr/bin/printf', args: ['%s\\n', ...args] })
    expect(stdout).toBe(`${args.join('\n')}\n`)
  })

  test('sees the environment it was given, and nothing of ours', async () => {
    process.env.JANUS_TEST_SECRET = 'swordfish'
    const { stdout } = await shell('env; cat /proc/*/environ', { env: { GIVEN: '--uid' } })
    delete process.env.JANUS_TEST_SECRET
    expect(stdout).toContain('GIVEN=--uid')
    expect(stdout).not.toContain('swordfish')
  })

  test('has no capabilities, no way to new privileges, and is nobody on the host', async () => {
    const { stdout } = await shell('cat /proc/self/status; id -u')
    expect(stdout).toMatch(/CapEff:\s+0+\n.*CapBnd:\s+0+\n/s)
    expect(stdout).toMatch(/NoNewPrivs:\s+1/)
    if (isRoot) expect(stdout).toMatch(/Uid:\s+4242\s+4242\s+4242\s+4242\nGid:\s+4242\s+4242\s+4242\s+4242/)
  })

  test('can write nowhere', async () => {
    const places = '/ /tmp /dev /dev/shm /var/tmp /run /etc /usr /home /proc/sys/kernel'
    const { stdout } = await shell(
      `for d in ${places} ${folder}; do (: >"$d/janus-written") 2>/dev/null && echo "$d"; done`,
      {
        readOnly: [{ source: folder }],
      },
    )
    expect(stdout).toBe('')
    expect(
      (await plainly(`: >${folder}/x 2>/dev/null; : >/tmp/janus-x-$$ && echo wrote && rm /tmp/janus-x-$$`)).trim(),
    ).toBe('wrote')
  })

  test('writes in the temporary directories it was given, up to their size', async () => {
    const script = 'for d in /tmp /dev/shm "$HOME"; do head -c 2M /dev/zero >"$d/file"; stat -c %s "$d/file"; done'
    const { stdout, stderr } = await shell(script, { limits: { temporary: 1024 * 1024 } })
    expect(stdout.trim().split('\n')).toEqual(['1048576', '1048576', '1048576'])
    expect(stderr).toContain('No space left')
  })

  test('writes in its workspace and sees what it is shown', async () => {
    const workspace = join(folder, 'workspace')
    await mkdir(workspace)
    if (isRoot) await chown(workspace, identity.uid, identity.gid)
    const readOnly = [{ source: join(folder, 'shown.txt'), target: '/given/shown.txt' }]
    const { stdout } = await shell('pwd; cat /given/shown.txt >copy; cat copy', { workspace, readOnly })
    expect(stdout).toBe('/workspace\nshown\n')
    expect(await readFile(join(workspace, 'copy'), 'utf8')).toBe('shown\n')
  })

  test.skipIf(!isRoot)('is shown directories that its user could not reach', async () => {
    const hidden = join(folder, 'hidden')
    await mkdir(join(hidden, 'package'), { recursive: true })
    await writeFile(join(hidden, 'package', 'file'), 'staged\n')
    await chmod(hidden, 0o700)
    const { stdout, stderr } = await shell(`cat ${hidden}/package/file; ls ${hidden}; ls /mnt`, {
      readOnly: [{ source: join(hidden, 'package') }],
    })
    expect(stdout).toBe('staged\npackage\n')
    expect(stderr).toContain('/mnt')
    expect(await readFile('/proc/self/mountinfo', 'utf8')).not.toContain('janus-stage')
  })

  test.each(['/', '/etc', '/root', '/home', '/proc', '/dev/shm', '/run', '/var', '/tmp'])(
    'is never shown %s',
    async (source) => {
      await expect(shell('true', { readOnly: [{ source }] })).rejects.toMatchObject({
        code: 'JANUS_SANDBOX_BIND_REFUSED',
      })
    },
  )

  test('is not shown what a link leads to either', async () => {
    const link = join(folder, 'link-to-etc')
    await symlink('/etc', link)
    await expect(shell('true', { readOnly: [{ source: link }] })).rejects.toMatchObject({
      code: 'JANUS_SANDBOX_BIND_REFUSED',
    })
    await expect(shell('true', { readOnly: [{ source: `${folder}/../` }] })).rejects.toMatchObject({
      code: 'JANUS_SANDBOX_BIND_REFUSED',
    })
    await expect(shell('true', { readOnly: [{ source: folder, target: '/usr/lib' }] })).rejects.toMatchObject({
      code: 'JANUS_SANDBOX_BIND_REFUSED',
    })
  })

  test('that does not exist has not started', async () => {
    const run = sandbox.run({ command: '/usr/bin/no-such-program', args: [] })
    await expect(run).rejects.toMatchObject({ code: 'JANUS_SANDBOX_UNAVAILABLE' })
  })

  test('gets SIGTERM at its deadline and can end by itself', async () => {
    const result = await shell('trap "echo bye; exit 7" TERM; echo ready; while :; do sleep 0.1; done', {
      limits: { wall: 2_000, grace: 5_000 },
    })
    expect(result).toMatchObject({ timedOut: true, started: true, exitCode: 7, stdout: 'ready\nbye\n' })
  })

  test('is killed with everything it started when it does not', async () => {
    const marker = `janus-${process.pid}-left`
    const script = `trap "" TERM; (setsid sh -c 'trap "" TERM; exec sleep 31337' ${marker} &); while :; do sleep 1; done`
    const result = await shell(script, { limits: { wall: 1_500, grace: 200 } })
    expect(result).toMatchObject({ timedOut: true, started: true })
    await delay(200)
    expect(await plainly('cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" "\\n" | grep -c "^3133[7]$" || true')).toBe(
      '0\n',
    )
  })

  test('is ended when its caller gives up', async () => {
    const controller = new AbortController()
    const run = shell('sleep 300', { signal: controller.signal })
    setTimeout(() => controller.abort(), 300)
    expect(await run).toMatchObject({ cancelled: true })
  })

  test('keeps the first bytes of what it writes, and is ended where that is asked for', async () => {
    const limits = { output: 1_000 }
    const dropped = await shell('head -c 5M /dev/zero', { limits })
    expect(dropped).toMatchObject({ truncated: true, overflowed: false, exitCode: 0 })
    expect(dropped.stdout).toHaveLength(1_000)
    const ended = await shell('yes', { limits, overflow: 'end' })
    expect(ended).toMatchObject({ truncated: true, overflowed: true })
    expect(await shell('yes >&9', { channel: 1_000 })).toMatchObject({ overflowed: true })
  })

  test('starts no more processes than it may', async () => {
    const script = 'for n in $(seq 40); do sleep 5 & done; echo never'
    const { stderr } = await shell(script, { limits: { processes: 10, wall: 20_000 } })
    expect(stderr).toMatch(/fork/i)
  })

  test('starts none at all where that is asked for, threads aside', async () => {
    const { stdout, stderr } = await shell('echo began; /bin/true; echo went on', { startsProcesses: false })
    expect(stdout).toBe('began\n')
    expect(stderr).toMatch(/fork/i)
  })

  test('gets no more memory than it may', async () => {
    const script = 'my $x = "x" x (300 << 20); print length $x'
    const run = (memory: number) => sandbox.run({ command: '/usr/bin/perl', args: ['-e', script], limits: { memory } })
    expect(await run(100 << 20)).toMatchObject({ started: true, stdout: '' })
    expect(await run(900 << 20)).toMatchObject({ exitCode: 0, stdout: String(300 << 20) })
  })

  test('cannot be started from a worker thread, which it would end with', async () => {
    const code = `
      import { parentPort } from 'node:worker_threads'
      import { createSandbox } from ${JSON.stringify(DIST)}
      const said = await createSandbox().run({ command: '/usr/bin/true', args: [] }).catch((error) => error.message)
      parentPort.postMessage(said)`
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`))
    const said = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
    expect(said).toContain('main thread')
  })

  test('does not get descriptors that its caller inherited', async () => {
    await writeFile(join(folder, 'inherited.txt'), 'inherited secret\n')
    const read = 'for fd in /proc/self/fd/*; do case $fd in */[0-9]) ;; *) cat $fd ;; esac; done; true'
    const sandboxed = `
      import { createSandbox } from ${JSON.stringify(DIST)}
      const result = await createSandbox().run({ command: '/bin/sh', args: ['-c', ${JSON.stringify(read)}] })
      process.stdout.write(JSON.stringify(result))`
    const openly = `
      import { spawnSync } from 'node:child_process'
      process.stdout.write(spawnSync('/bin/sh', ['-c', ${JSON.stringify(read)}]).stdout)`
    const run = (code: string) =>
      plainly(
        `exec 12<${folder}/inherited.txt 251<${folder}/inherited.txt; exec "$0" --input-type=module --eval "$1"`,
        [process.execPath, code],
      )
    expect(await run(openly)).toContain('inherited secret')
    const held = await run(sandboxed)
    expect(JSON.parse(held)).toMatchObject({ exitCode: 0, stdout: '' })
  })

  test('ends with its caller, even by SIGKILL', async () => {
    const code = `
      import { createSandbox } from ${JSON.stringify(DIST)}
      await createSandbox().run({ command: '/bin/sh', args: ['-c', 'setsid sleep 31338 & sleep 31338'] })`
    const caller = spawn(process.execPath, ['--input-type=module', '--eval', code], { stdio: 'ignore' })
    const count = async () =>
      Number(await plainly('cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" "\\n" | grep -c "^3133[8]$" || true'))
    for (let tries = 0; tries < 100 && (await count()) < 2; tries += 1) await delay(100)
    expect(await count()).toBeGreaterThanOrEqual(2)
    caller.kill('SIGKILL')
    for (let tries = 0; tries < 100 && (await count()) > 0; tries += 1) await delay(50)
    expect(await count()).toBe(0)
  })
})

/** Each harmless; what one makes that would stay is removed again. */
const CALLS: readonly {
  readonly what: string
  readonly name: string
  readonly call: string
  readonly cleanUp?: string
}[] = [
  { what: 'a user namespace', name: 'unshare(0x10000000)', call: '272, 0x10000000' },
  { what: 'tracing', name: 'ptrace(TRACEME)', call: '101, 0, 0, 0, 0' },
  { what: 'a socket to the hypervisor', name: 'socket(AF_VSOCK)', call: '41, 40, 1, 0' },
  { what: 'a socket', name: 'socket(AF_INET)', call: '41, 2, 1, 0' },
  { what: 'a UNIX socket', name: 'socket(AF_UNIX)', call: '41, 1, 1, 0' },
  { what: 'a netlink socket', name: 'socket(AF_NETLINK)', call: '41, 16, 3, 0' },
  { what: 'a key ring', name: 'keyctl(GET_KEYRING_ID)', call: '250, 0, -3, 1' },
  { what: 'memory that is a file', name: 'memfd_create', call: '319, my $name = "x", 0' },
  { what: 'shared memory', name: 'shmget', call: '29, 0, 4096, 0600', cleanUp: 'syscall(31, $r, 0, 0)' },
  { what: 'a message queue', name: 'msgget', call: '68, 0, 0600', cleanUp: 'syscall(71, $r, 0, 0)' },
  { what: 'another personality', name: 'personality', call: '135, 0xffffffff' },
  { what: 'the memory policy', name: 'get_mempolicy', call: '239, 0, 0, 0, 0, 0' },
]

describe.skipIf(!bubblewrap || process.arch !== 'x64')('system calls in the sandbox', () => {
  const perl = (call: string, cleanUp = '0') => [
    '-e',
    `my $r = syscall(${call}); print $r < 0 ? "refused" : "made"; ${cleanUp} if $r >= 0`,
  ]

  test.each(CALLS)('$what: $name is refused, and works outside', async ({ call, cleanUp }) => {
    const inside = await sandbox.run({ command: '/usr/bin/perl', args: perl(call, cleanUp) })
    expect(inside).toMatchObject({ exitCode: 0, stdout: 'refused' })
    const outside = await promisify(execFile)('/usr/bin/perl', perl(call, cleanUp), {
      ...(isRoot ? identity : {}),
      cwd: '/',
      env: {},
    })
    expect(outside.stdout).toBe('made')
  })

  test('its streams are no way to the network of its caller', async () => {
    const asked = 'my $n = pack("a40", "lo"); my $a = pack("S a16", 1, "\\0janus-test-$$");'
    const perStream = 'for (0 .. 2) { print syscall(16, $_, 0x8913, $n), " ", syscall(49, $_, $a, 18), "\\n" }'
    const args = ['-e', `${asked} ${perStream}`]
    const inside = await sandbox.run({ command: '/usr/bin/perl', args, input: '' })
    expect(inside.stdout).toBe('-1 -1\n-1 -1\n-1 -1\n')
    const outside = await promisify(execFile)('/usr/bin/perl', args)
    expect(outside.stdout).toMatch(/^0 0$/m)
  })

  test('its streams find out nothing about that network, and get no name in it, in roundabout ways either', async () => {
    const roundabout = [
      'setsockopt(STDIN, 1, 16, pack("i", 1)); my $absent = pack("S a*", 1, "\\0janus-absent-$$");',
      'syscall(42, 0, $absent, length $absent); print $!+0, " ", length(getsockname(STDIN)), " ";',
      'setsockopt(STDERR, 1, 62, pack("i", 1)); print unpack("Z*", getsockopt(STDERR, 1, 25) // ""), "\\n"',
    ]
    const args = ['-e', roundabout.join(' ')]
    const inside = await sandbox.run({ command: '/usr/bin/perl', args, input: '' })
    expect(inside.stdout).toBe('1 2 \n')
    const outside = promisify(execFile)('/usr/bin/perl', args)
    expect((await outside).stdout).toBe('111 8 lo\n')
  })

  test('sockets of the families that were asked for can be made', async () => {
    const run = (call: string) => sandbox.run({ command: '/usr/bin/perl', args: perl(call), sockets: ['inet', 'unix'] })
    expect((await run('41, 2, 1, 0')).stdout).toBe('made')
    expect((await run('41, 1, 1, 0')).stdout).toBe('made')
    expect((await run('41, 40, 1, 0')).stdout).toBe('refused')
  })

  test('a socket that lies in what is shown cannot be connected to', async () => {
    const code = `use IO::Socket::UNIX; print IO::Socket::UNIX->new("${folder}/socket") ? "connected" : "refused"`
    const inside = await sandbox.run({ command: '/usr/bin/perl', args: ['-e', code], readOnly: [{ source: folder }] })
    expect(inside.stdout).toBe('refused')
    const outside = await promisify(execFile)('/usr/bin/perl', ['-e', code])
    expect(outside.stdout).toBe('connected')
  })
})

async function plainly(script: string, args: readonly string[] = []): Promise<string> {
  const { stdout } = await promisify(execFile)('/bin/bash', ['-c', script, ...args])
  return stdout
}
