import { readFileSync } from 'node:fs'
import { isJanusError } from '@janus/core'
import type { SandboxFacts } from '@janus/core/sandbox'
import type { SandboxSelfTest } from '../contract/run.js'
import type { ExecutionLimits } from '../contract/warrant.js'
import { enforcementReport } from './enforcement-report.js'
import type { RunCgroups } from './run-cgroups.js'
import { runInSlot } from './run-in-slot.js'
import { processLimits, storageOf } from './run-limits.js'
import type { SandboxSlots } from './sandbox-slots.js'

/** What the self-test is made with. */
export interface SelfTestParts {
  open(): Promise<{ readonly facts: SandboxFacts; readonly slots: SandboxSlots }>
  readonly cgroups: RunCgroups
}

const MIB = 1024 * 1024
const LIMITS: ExecutionLimits = {
  cpuSeconds: 10,
  wallSeconds: 20,
  memoryBytes: 256 * MIB,
  diskBytes: 16 * MIB,
  cpuPercent: 100,
  processes: 16,
}
const OUTPUT = 64 * 1024

/** Each line that it prints is a probe, what is to be seen, and what was found. It reads and tries; what it could win is worth nothing. */
const SCRIPT = `
found() { printf '%s\\t%s\\n' "$1" "$2"; }
while read -r name value; do
  case $name in
    CapEff:|CapBnd:|CapInh:|CapPrm:|CapAmb:) capabilities="$capabilities$value " ;;
    NoNewPrivs:) privileges=$value ;;
    Seccomp:) filter=$value ;;
  esac
done </proc/self/status
found capabilities "$capabilities"
found 'new privileges' "$privileges"
found 'system-call filter' "$filter"
wrote=; for place in / /usr /etc /dev /proc/sys/kernel; do (: >"$place/janus-probe") 2>/dev/null && wrote="$wrote$place "; done
found 'writes outside its workspace' "$wrote"
saw=; for place in /root /var /srv /run /sys /etc/shadow /boot; do [ -e "$place" ] && saw="$saw$place "; done
found 'files of the host' "$saw"
seen=0; for process in /proc/[0-9]*; do seen=$((seen + 1)); done
found 'other processes' "$seen"
links=; while read -r name rest; do case $name in *:) links="$links$name" ;; esac; done </proc/net/dev
found network "$links"
made=refused; unshare --user true 2>/dev/null && made=made
found 'namespaces of its own making' "$made"
bounds=none; while read -r line; do case $line in *' /workspace '*nr_inodes=*) bounds=bounded ;; esac; done </proc/self/mountinfo
found 'bounds of its workspace' "$bounds"
`

const NO_CAPABILITIES = /^(0{16} ){5}$/
const MOST_PROCESSES_SEEN = 4

/** What each probe must find. */
const WANTED: Readonly<Record<string, (found: string) => boolean>> = {
  capabilities: (found) => NO_CAPABILITIES.test(found),
  'new privileges': (found) => found === '1',
  'system-call filter': (found) => found === '2',
  'writes outside its workspace': (found) => found === '',
  'files of the host': (found) => found === '',
  'other processes': (found) => Number(found) >= 1 && Number(found) <= MOST_PROCESSES_SEEN,
  network: (found) => found === 'lo:',
  'namespaces of its own making': (found) => found === 'refused',
  'bounds of its workspace': (found) => found === 'bounded',
}

/** Tries the sandbox as tools are run in it. It does not reject: what failed is the answer, with its remedy. */
export async function runSelfTest({ open, cgroups }: SelfTestParts): Promise<SandboxSelfTest> {
  const common = {
    enforced: enforcementReport({ limits: LIMITS, cgroups, uid: undefined, mostOutput: OUTPUT, network: [] }),
    kernel: textOf('/proc/sys/kernel/osrelease'),
  }
  let bubblewrap = ''
  try {
    const { facts, slots } = await open()
    bubblewrap = facts.version
    const slot = await slots.take({ storage: storageOf(LIMITS), binds: [], unreachable: async () => [] }, undefined)
    const { uid } = slot.prepared
    const enforced = enforcementReport({
      limits: LIMITS,
      cgroups,
      uid: uid === process.geteuid?.() ? undefined : uid,
      mostOutput: OUTPUT,
      network: [],
    })
    try {
      const { stdout, stderr } = await runInSlot(slot, {
        command: '/bin/sh',
        args: ['-c', SCRIPT],
        environment: {},
        cwd: '/workspace',
        readOnly: [],
        writable: [],
        sockets: [],
        processLimits: processLimits(LIMITS, cgroups.bounds.memory),
        limits: LIMITS,
        watch: {
          wall: 20_000,
          grace: 0,
          cpu: 10_000,
          keptOutput: OUTPUT,
          mostOutput: OUTPUT,
          input: undefined,
          signal: undefined,
        },
        prepare: undefined,
        beforeStart: () => undefined,
        onStarted: () => undefined,
      })
      const probes = judge(stdout.text)
      const failed = probes.filter(({ holds }) => !holds)
      const because =
        failed.length === 0
          ? null
          : `a program in the sandbox is not held by it: ${failed.map(({ probe, found }) => `${probe} (${found || stderr.text.slice(0, 200)})`).join(', ')}`
      return {
        ...common,
        enforced,
        bubblewrap,
        holds: failed.length === 0,
        because,
        remedy:
          because === null
            ? null
            : 'Look at what is different on this machine; no tool runs until the self-test passes.',
        probes,
      }
    } finally {
      await slot.giveBack()
    }
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error)
    return {
      ...common,
      bubblewrap,
      holds: false,
      because,
      remedy: (isJanusError(error) ? error.remedy : undefined) ?? null,
      probes: [],
    }
  }
}

function judge(text: string): SandboxSelfTest['probes'] {
  const found = new Map(
    text.split('\n').map((line): [string, string] => {
      const [probe = '', value = ''] = line.split('\t')
      return [probe, value]
    }),
  )
  return Object.entries(WANTED).map(([probe, isWanted]) => {
    const value = found.get(probe)
    return { probe, holds: value !== undefined && isWanted(value), found: value ?? 'nothing' }
  })
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}
