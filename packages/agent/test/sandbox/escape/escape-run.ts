// A process of its own, because it must have a descriptor and a variable to leak: lays out the bait, lets the probes run on the bare host as the user that a
// tool would be, in the whole profile, and in each weakened one, and prints who won what.
import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SandboxTools } from '@janus/core/sandbox'
import { openRunCgroups } from '../../../src/sandbox/open-run-cgroups.js'
import { runInSlot } from '../../../src/sandbox/run-in-slot.js'
import { createSandboxSlots } from '../../../src/sandbox/sandbox-slots.js'
import { SMALL } from '../../support/small-limits.js'
import { type Bait, probeProgram } from './probes.js'
import { WEAKENINGS, type Weakening, weakenedBubblewrap } from './weakenings.js'

const IDENTITY = { uid: 424_242, gid: 424_242 }
const isRoot = process.geteuid?.() === 0
const WHOLE: Weakening = { name: 'whole' }
const OUTPUT = 1 << 20
const LIMITS = { memory: SMALL.memoryBytes, processes: 24, cpu: 60, fileSize: SMALL.diskBytes }
const TRIAL = 60_000

const wanted = new Set(process.argv.slice(2))
const directory = mkdtempSync(join(tmpdir(), 'janus-escape-'))
chmodSync(directory, 0o755)
mkdirSync(join(directory, 'open'))
chmodSync(join(directory, 'open'), 0o777)
writeFileSync(join(directory, 'readable'), 'bait')

const asTool = isRoot ? IDENTITY : {}
const victim = spawn('/usr/bin/sleep', ['600'], { ...asTool, env: { JANUS_BAIT: 'secret' }, cwd: '/', stdio: 'ignore' })
const abstract = `janus-bait-${randomBytes(8).toString('hex')}`
const servers = [join(directory, 'socket'), `\0${abstract}`, 0].map((place) =>
  createServer((socket) => void socket.on('error', () => undefined).end('bait')).listen(place),
)
await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))))
chmodSync(join(directory, 'socket'), 0o777)
const address = servers[2]?.address()
const key = randomBytes(3).readUIntBE(0, 3) + 1
const make = `my $r = syscall(29, ${key}, 4096, 03600); print $r`
const segment = execFileSync('/usr/bin/perl', ['-e', make], { ...asTool, cwd: '/', env: {} }).toString()

const bait: Bait = {
  directory,
  victim: victim.pid ?? 0,
  port: typeof address === 'object' && address !== null ? address.port : 0,
  abstract,
  sharedMemoryKey: key,
  hostname: hostname(),
}
const program = probeProgram(bait)
const cgroups = await openRunCgroups()

async function onHost(): Promise<string> {
  // Not in a group of its own: its session is somebody else's.
  const child = spawn('/usr/bin/perl', ['-e', program], {
    ...asTool,
    cwd: directory,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  await new Promise((resolve) => child.once('close', resolve))
  return text
}

async function inProfile(weakening: Weakening): Promise<string> {
  const wrapper = join(directory, `bwrap-${randomBytes(4).toString('hex')}`)
  writeFileSync(wrapper, weakenedBubblewrap(weakening))
  chmodSync(wrapper, 0o755)
  const isWhole = weakening.name === 'whole' && weakening.behind === undefined
  const tools: SandboxTools = {
    program: isWhole ? '/usr/bin/bwrap' : wrapper,
    prlimit: '/usr/bin/prlimit',
    architecture: 'x86_64',
  }
  const slots = createSandboxSlots(tools, [isRoot ? IDENTITY : undefined], cgroups)
  const storage = {
    bytes: weakening.unbounded === 'bytes' ? 2 ** 40 : SMALL.diskBytes,
    inodes: weakening.unbounded === 'inodes' ? 10_000_000 : 4_096,
  }
  const slot = await slots.take({ storage, binds: [], unreachable: async () => [] }, undefined)
  try {
    const end = await runInSlot(slot, {
      command: '/usr/bin/perl',
      args: ['-e', program],
      environment: {},
      cwd: '/workspace',
      readOnly: [],
      writable: [],
      sockets: [],
      boundsProcesses: false,
      processLimits: { ...LIMITS, ...(weakening.unlimited === undefined ? {} : { [weakening.unlimited]: Infinity }) },
      limits: SMALL,
      watch: {
        wall: TRIAL,
        grace: 0,
        cpu: TRIAL,
        keptOutput: OUTPUT,
        mostOutput: OUTPUT,
        input: undefined,
        signal: undefined,
      },
      prepare: undefined,
      beforeStart: () => undefined,
      onStarted: () => undefined,
    })
    return `${end.stdout.text}${end.stderr.text === '' ? '' : `stderr: ${end.stderr.text}`}`
  } finally {
    slot.giveBack()
    await slots.close()
  }
}

const won: Record<string, readonly string[]> = {}
const profiles: readonly Weakening[] = [
  WHOLE,
  { name: 'without the filter', behind: ['--seccomp'] },
  ...WEAKENINGS.filter(({ ordinaryUserOnly }) => ordinaryUserOnly !== true || !isRoot),
].filter(({ name }) => wanted.size === 0 || wanted.has(name))
try {
  won.host = (await onHost()).split('\n')
  for (const profile of profiles) won[profile.name] = (await inProfile(profile)).split('\n')
} finally {
  victim.kill('SIGKILL')
  for (const server of servers) server.close()
  execFileSync('/usr/bin/perl', ['-e', `syscall(31, ${segment}, 0, 0)`])
  rmSync(directory, { recursive: true, force: true })
  await cgroups.close()
}
process.stdout.write(JSON.stringify(won))
process.exit(0)
