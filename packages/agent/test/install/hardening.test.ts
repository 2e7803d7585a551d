import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AGENT_HARDENING, AGENT_LEFT_OUT } from '../../src/index.js'
import {
  behindFilter,
  CALLS,
  nativeOnly,
  noNamespaces,
  onlyFamilies,
  refusing,
  tryBehind,
} from './system-call-filter.js'

const REPOSITORY = fileURLToPath(new URL('../../../../', import.meta.url))
const PROGRAM = fileURLToPath(new URL('./self-test-program.ts', import.meta.url))
const UID = 4242
const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0]
const isRoot = uid === 0
/** linux/socket.h */
const [UNIX, INET, INET6, NETLINK] = [1, 2, 10, 16]

/** What stands in front of the self-test: words, or steps of a shell in a mount namespace of its own. */
interface Restriction {
  readonly words?: readonly string[]
  readonly mounts?: string
}

/** systemd is not process 1 here: each directive is what it does, done by hand. */
const KEPT: Readonly<Record<string, Restriction>> = {
  NoNewPrivileges: { words: ['setpriv', '--no-new-privs'] },
  // The bounding set itself is taken away from every run here, where root starts it.
  CapabilityBoundingSet: { words: ['setpriv', '--inh-caps=-all'] },
  AmbientCapabilities: { words: ['setpriv', '--ambient-caps=-all'] },
  ProtectSystem: { mounts: 'mount --bind "$WORK" "$WORK"; mount -o remount,bind,ro /' },
  ProtectHome: { mounts: 'mount -t tmpfs -o mode=0755,ro tmpfs /home' },
  PrivateTmp: {
    mounts:
      'mount --rbind "$WORK" /mnt; mount -t tmpfs -o mode=1777 tmpfs /tmp; mkdir -p "$WORK"; mount --rbind /mnt "$WORK"',
  },
  ProtectClock: { words: behindFilter(refusing(CALLS.clock_settime, CALLS.settimeofday)) },
  RestrictRealtime: { words: behindFilter(refusing(CALLS.sched_setscheduler)) },
  LockPersonality: { words: behindFilter(refusing(CALLS.personality)) },
  SystemCallArchitectures: { words: behindFilter(nativeOnly()) },
  RestrictAddressFamilies: { words: behindFilter(onlyFamilies(UNIX ?? 0, INET ?? 0, INET6 ?? 0, NETLINK ?? 0)) },
}

const BREAKING: Readonly<Record<string, Restriction>> = {
  RestrictNamespaces: { words: behindFilter(noNamespaces()) },
  ProtectKernelTunables: { mounts: 'mount --bind /proc/sys /proc/sys; mount -o remount,bind,ro /proc/sys' },
  ProtectKernelLogs: { mounts: 'mount --bind /dev/null /proc/kmsg' },
  ProcSubset: { mounts: 'mount -t proc -o subset=pid proc /proc' },
  ProtectHostname: { words: behindFilter(refusing(CALLS.sethostname)) },
}

/** What only a real systemd shows (the scenario agent-install of the lab), or what is left out for another reason than the sandbox. */
const IN_THE_LAB = {
  kept: ['RestrictSUIDSGID', 'RemoveIPC', 'KeyringMode'],
  leftOut: [
    'ProtectProc',
    'ProtectControlGroups',
    'PrivateUsers',
    'PrivateDevices',
    'ProtectKernelModules',
    'MemoryDenyWriteExecute',
    'SystemCallFilter',
  ],
}

describe('the restrictions of the unit and the sandbox', () => {
  let work: string
  beforeAll(async () => {
    work = await mkdtemp(join(tmpdir(), 'janus-hardening-'))
    await chmod(work, 0o777)
  })
  afterAll(() => rm(work, { recursive: true, force: true }))

  test('are each tried here, or said to be elsewhere', () => {
    expect([...Object.keys(KEPT), ...IN_THE_LAB.kept].toSorted()).toEqual(
      AGENT_HARDENING.map(({ directive }) => directive).toSorted(),
    )
    expect([...Object.keys(BREAKING), ...IN_THE_LAB.leftOut].toSorted()).toEqual(
      AGENT_LEFT_OUT.map(({ directive }) => directive).toSorted(),
    )
  })

  test('none at all: the self-test passes', async () => {
    expect(await selfTest({})).toEqual({ holds: true, because: null })
  })

  test.each(Object.entries(KEPT))('%s is kept: the self-test passes under it', async (_, restriction) => {
    expect(await selfTest(restriction)).toEqual({ holds: true, because: null })
  })

  test('the limits of the documents are kept: the self-test passes under them', async () => {
    const words = ['prlimit', '--nofile=4096', '--core=0', '--']
    expect(await selfTest({ words })).toEqual({ holds: true, because: null })
  })

  test.each(Object.entries(BREAKING))('%s is left out: no sandbox can be built under it', async (_, restriction) => {
    expect(await selfTest(restriction)).toMatchObject({ holds: false, because: expect.stringMatching(/./) })
  })

  test('the families of sockets as the documents have them, without AF_NETLINK, leave no sandbox', async () => {
    const words = behindFilter(onlyFamilies(UNIX ?? 0, INET ?? 0, INET6 ?? 0))
    expect(await selfTest({ words })).toMatchObject({ holds: false })
  })

  test('the filters of this test refuse what they say', () => {
    expect(tryBehind(refusing(), ['/bin/true']).status).toBe(0)
    expect(tryBehind(noNamespaces(), ['/usr/bin/unshare', '-Ur', '/bin/true'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('Operation not permitted'),
    })
    expect(tryBehind(refusing(CALLS.personality), ['/usr/bin/setarch', '-R', '/bin/true']).stderr).toContain(
      'Operation not permitted',
    )
  })

  async function selfTest({ words = [], mounts }: Restriction): Promise<unknown> {
    const node = [process.execPath, '--import', 'tsx', PROGRAM, work]
    const command = [...words, ...node].map(quoted).join(' ')
    // An ordinary user mounts as root of a user namespace; what is tried runs as that user again, in one more.
    const back = mounts === undefined ? '' : `unshare --user --map-user=${uid} --map-group=${gid} --`
    const become = isRoot ? `setpriv --reuid ${UID} --regid ${UID} --clear-groups --bounding-set=-all --` : back
    const script = `${mounts === undefined ? '' : `set -e; ${mounts}; `}cd ${quoted(REPOSITORY)}; exec ${become} ${command}`
    const outer =
      mounts === undefined
        ? ['sh', '-c', script]
        : [
            'unshare',
            ...(isRoot ? [] : ['--user', '--map-root-user']),
            // Only whose processes it shows may mount a /proc.
            ...(isRoot || !mounts.includes('-t proc') ? [] : ['--pid', '--fork']),
            '--mount',
            '--propagation',
            'private',
            'sh',
            '-c',
            script,
          ]
    const [program = '', ...args] = outer
    const { stdout } = await promisify(execFile)(program, args, {
      env: { PATH: process.env.PATH, HOME: work, TMPDIR: work, WORK: work },
    })
    return JSON.parse(stdout)
  }
})

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}
