import { readFileSync } from 'node:fs'
import type { SandboxFacts } from '@janus/core/sandbox'
import type { SandboxSelfTest } from '../contract/run.js'
import type { ExecutionLimits } from '../contract/warrant.js'
import { causeOfFailure } from './cause-of-failure.js'
import { enforcementReport } from './enforcement-report.js'
import { NO_CGROUPS, type RunCgroups } from './run-cgroups.js'
import { runInSlot } from './run-in-slot.js'
import { processLimits, storageOf } from './run-limits.js'
import type { SandboxSlot, SandboxSlots } from './sandbox-slots.js'
import { judgeProbes, SELF_TEST_SCRIPT } from './self-test-probes.js'

/** What the self-test is made with. */
export interface SelfTestParts {
  readonly facts: SandboxFacts
  readonly slots: SandboxSlots
  readonly cgroups: RunCgroups
}

const MIB = 1024 * 1024
const SECOND = 1000
const LIMITS: ExecutionLimits = {
  cpuSeconds: 10,
  wallSeconds: 20,
  memoryBytes: 256 * MIB,
  diskBytes: 16 * MIB,
  cpuPercent: 100,
  processes: 16,
}
const OUTPUT = 64 * 1024
const NOT_HELD = 'Look at what is different on this machine; no tool runs until the self-test passes.'

/** Tries the sandbox as tools are run in it. It does not reject: what failed is the answer, with its remedy. */
export async function runSelfTest(open: () => Promise<SelfTestParts>): Promise<SandboxSelfTest> {
  const kernel = textOf('/proc/sys/kernel/osrelease')
  try {
    const { facts, slots, cgroups } = await open()
    const slot = await slots.take({ storage: storageOf(LIMITS), binds: [], unreachable: async () => [] }, undefined)
    try {
      const end = await tryOut(slot, cgroups)
      const probes = judgeProbes(end.stdout.text)
      const failed = probes.filter(({ holds }) => !holds).map(({ probe, found }) => `${probe} (${found})`)
      const said = end.stderr.text.split('\n')[0]?.slice(0, 200)
      return {
        holds: failed.length === 0,
        because:
          failed.length === 0 ? null : `a program in the sandbox is not held by it: ${failed.join(', ')}; ${said}`,
        remedy: failed.length === 0 ? null : NOT_HELD,
        probes,
        enforced: enforcedIn(slot.prepared.uid, cgroups),
        kernel,
        bubblewrap: facts.version,
      }
    } finally {
      slot.giveBack()
    }
  } catch (error) {
    return {
      holds: false,
      ...causeOfFailure(error, textOf),
      probes: [],
      enforced: enforcedIn(undefined, NO_CGROUPS),
      kernel,
      bubblewrap: '',
    }
  }
}

function tryOut(slot: SandboxSlot, cgroups: RunCgroups) {
  return runInSlot(slot, {
    command: '/bin/sh',
    args: ['-c', SELF_TEST_SCRIPT],
    environment: {},
    cwd: '/workspace',
    readOnly: [],
    writable: [],
    sockets: [],
    boundsProcesses: cgroups.bounds.processes,
    processLimits: processLimits(LIMITS, cgroups.bounds.memory),
    limits: LIMITS,
    watch: {
      wall: LIMITS.wallSeconds * SECOND,
      grace: 0,
      cpu: LIMITS.cpuSeconds * SECOND,
      keptOutput: OUTPUT,
      mostOutput: OUTPUT,
      input: undefined,
      signal: undefined,
    },
    prepare: undefined,
    beforeStart: () => undefined,
    onStarted: () => undefined,
  })
}

function enforcedIn(uid: number | undefined, cgroups: RunCgroups): SandboxSelfTest['enforced'] {
  return enforcementReport({
    limits: LIMITS,
    cgroups,
    uid: uid === process.geteuid?.() ? undefined : uid,
    mostOutput: OUTPUT,
    network: [],
  })
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}
