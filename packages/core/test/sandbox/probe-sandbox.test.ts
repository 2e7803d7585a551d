import { execFile } from 'node:child_process'
import { access, chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSandbox, probeSandbox } from '../../src/sandbox/index.js'
import { sandboxIdentity } from '../../src/sandbox/sandbox-identity.js'

const bubblewrap = await access('/usr/bin/bwrap').then(
  () => true,
  () => false,
)
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-probe-'))
  await chmod(folder, 0o755)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the trial of the sandbox', () => {
  test.skipIf(!bubblewrap)('finds bubblewrap and its version', async () => {
    const facts = await probeSandbox()
    expect(facts.program).toMatch(/bwrap$/)
    expect(facts.version).toMatch(/^\d+\.\d+/)
  })

  test('says how to install bubblewrap where there is none', async () => {
    await expect(probeSandbox({ program: join(folder, 'missing') })).rejects.toMatchObject({
      code: 'JANUS_SANDBOX_UNAVAILABLE',
      remedy: expect.stringContaining('apt-get install bubblewrap'),
      data: { cause: 'missing' },
    })
  })

  test('refuses a bubblewrap that is too old, naming its version', async () => {
    const program = await programThat('echo "bubblewrap 0.6.1"')
    await expect(probeSandbox({ program })).rejects.toMatchObject({
      message: expect.stringContaining('0.6.1'),
      remedy: expect.stringContaining('0.8'),
      data: { cause: 'too-old' },
    })
  })

  test('refuses what says no version', async () => {
    await expect(probeSandbox({ program: await programThat('exit 3') })).rejects.toMatchObject({
      data: { cause: 'broken' },
    })
  })

  test.each([
    'bwrap: setting up uid map: Permission denied',
    'bwrap: No permissions to create new namespace, likely because the kernel does not allow non-privileged user namespaces.',
    'bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted',
  ])('knows what it means when bubblewrap says %j', async (line) => {
    const program = await programThat(
      `[ "$1" = --version ] && echo "bubblewrap 0.9.0" && exit 0; echo "${line}" >&2; exit 1`,
    )
    await expect(probeSandbox({ program })).rejects.toMatchObject({
      remedy: expect.stringMatching(/AppArmor|apparmor/),
      data: { cause: 'user-namespaces' },
    })
  })

  test.each([
    ["bwrap: Can't find source path /dev/full: No such file or directory", '/dev/full'],
    ['bwrap: execvp /usr/bin/cat: No such file or directory', '/usr/bin/cat'],
  ])(
    'of a machine that lacks what every sandbox has, it says what, and not to install bubblewrap: %j',
    async (line, path) => {
      const program = await programThat(
        `[ "$1" = --version ] && echo "bubblewrap 0.9.0" && exit 0; echo "${line}" >&2; exit 1`,
      )
      const failure = await probeSandbox({ program }).catch((error: unknown) => error)
      expect(failure).toMatchObject({ code: 'JANUS_SANDBOX_UNAVAILABLE', data: { cause: 'incomplete', path } })
      expect(failure).toMatchObject({ remedy: expect.stringContaining(path) })
      expect(failure).not.toMatchObject({ remedy: expect.stringContaining('nstall bubblewrap') })
    },
  )

  test('refuses a program that only pretends to confine', async () => {
    const pretends = 'while [ "$1" != -- ]; do shift; done; shift; exec 3>&1; exec "$@"'
    const program = await programThat(`[ "$1" = --version ] && echo "bubblewrap 0.9.0" && exit 0; ${pretends}`)
    await expect(probeSandbox({ program })).rejects.toMatchObject({ code: 'JANUS_SANDBOX_UNAVAILABLE' })
  })

  test.skipIf(!bubblewrap)('is refused by a kernel that allows no user namespaces', async () => {
    const code = `
      import { probeSandbox } from ${JSON.stringify(new URL('../../dist/sandbox.js', import.meta.url).href)}
      const { code, data } = await probeSandbox().catch((error) => error)
      process.stdout.write(JSON.stringify({ code, cause: data?.cause }))`
    const script = 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$0" --input-type=module --eval "$1"'
    const args = ['--user', '--map-root-user', '/bin/sh', '-c', script, process.execPath, code]
    const { stdout } = await promisify(execFile)('/usr/bin/unshare', args, {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
    })
    expect(JSON.parse(stdout)).toMatchObject({ code: 'JANUS_SANDBOX_UNAVAILABLE' })
  })

  test.each([
    ['bwrap: setting up uid map: Permission denied', undefined],
    ["bwrap: Can't find source path FOLDER: Permission denied", 'FOLDER'],
    ["bwrap: Can't bind mount /oldrootFOLDER on /newrootFOLDER/in: Unable to mount source on destination", 'FOLDER'],
    ["bwrap: Can't mkdir /newroot/opt/other: Read-only file system", '/opt/other'],
    ['mount: FOLDER: special device does not exist.', 'FOLDER'],
  ])('once it was found good, a path that cannot be shown is named: %j', async (line, path) => {
    const said = line.replaceAll('FOLDER', folder)
    const trial = `[ "$1" = --version ] && echo "bubblewrap 0.9.0" && exit 0; case "$*" in *status*) status;; esac`
    const status = `status() { printf 'NoNewPrivs:\t1\nSeccomp:\t2\nCapEff:\t0\nCapBnd:\t0\n'; echo '{"exit-code":0}' >&3; exit 0; }`
    const program = await programThat(`${status}\n${trial}; echo "${said}" >&2; exit 1`)
    const run = createSandbox({ program }).run({ command: '/usr/bin/true', args: [], readOnly: [{ source: folder }] })
    await expect(run).rejects.toMatchObject({
      code: path === undefined ? 'JANUS_SANDBOX_UNAVAILABLE' : 'JANUS_SANDBOX_BIND_REFUSED',
      ...(path === undefined ? {} : { data: { path: path.replace('FOLDER', folder) } }),
      remedy: path === undefined ? expect.anything() : expect.not.stringContaining('bubblewrap'),
    })
  })

  test('is made once, and its failure is everybody\u2019s', async () => {
    const sandbox = createSandbox({ program: join(folder, 'missing') })
    const run = sandbox.run({ command: '/usr/bin/true', args: [] })
    await expect(run).rejects.toMatchObject({ code: 'JANUS_SANDBOX_UNAVAILABLE' })
    expect(sandbox.probe()).toBe(sandbox.probe())
    await expect(sandbox.probe()).rejects.toThrow('not installed')
  })
})

describe('whom a sandbox runs as', () => {
  test('root becomes somebody without a name, others stay who they are', () => {
    const { uid, gid } = sandboxIdentity(undefined, 0) ?? {}
    expect(uid).toBeGreaterThanOrEqual(61_184)
    expect(uid).toBeLessThan(65_520)
    expect(gid).toBe(uid)
    expect(sandboxIdentity(undefined, 1000)).toBeUndefined()
    expect(sandboxIdentity({ uid: 4242, gid: 4243 }, 0)).toEqual({ uid: 4242, gid: 4243 })
  })

  test.each([
    { uid: 0, gid: 4242 },
    { uid: 4242, gid: 0 },
  ])('never host user or group 0: %j', (identity) => {
    expect(() => sandboxIdentity(identity, 0)).toThrow('never')
    expect(() => sandboxIdentity(identity, 1000)).toThrow('never')
  })
})

async function programThat(script: string): Promise<string> {
  const path = join(folder, `bwrap-${Math.random().toString(36).slice(2)}`)
  await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return path
}
