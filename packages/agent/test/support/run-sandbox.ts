import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunEnd, RunSandbox, RunSandboxOptions, ToolRun } from '../../src/index.js'
import { createRunSandbox } from '../../src/sandbox/create-run-sandbox.js'
import { SMALL } from './small-limits.js'

const FIRST_USER = 424_200
const USERS = 16

/** A sandbox for tests, and what it is made with. */
export interface TestSandbox {
  readonly sandbox: RunSandbox
  readonly root: string
  /** Runs a shell script in it. */
  shell(script: string, more?: Partial<ToolRun>): Promise<RunEnd>
  close(): Promise<void>
}

/** Users of their own for root, which has no reserved numbers on every machine. */
export const TOOL_USERS: Pick<RunSandboxOptions, 'toolUsers'> =
  process.geteuid?.() === 0 ? { toolUsers: { firstUid: FIRST_USER, firstGid: FIRST_USER, count: USERS } } : {}

/** Opens a sandbox whose self-test has passed. */
export async function testSandbox(more: Partial<RunSandboxOptions> = {}): Promise<TestSandbox> {
  const root = await mkdtemp(join(tmpdir(), 'janus-runs-'))
  await chmod(root, 0o700)
  const sandbox = createRunSandbox({
    program: '/usr/bin/bwrap',
    user: undefined,
    root,
    mostRuns: 4,
    ...TOOL_USERS,
    ...more,
  })
  const tested = await sandbox.selfTest()
  if (!tested.holds) throw new Error(`the sandbox does not hold: ${tested.because}`)
  let runs = 0
  return {
    sandbox,
    root,
    shell(script, changes = {}) {
      runs += 1
      return sandbox.run({
        id: `run-${runs}`,
        program: '/bin/sh',
        argv: ['-c', script],
        environment: {},
        limits: SMALL,
        network: [],
        ...changes,
      })
    },
    async close() {
      await sandbox.close()
      await rm(root, { recursive: true, force: true })
    },
  }
}
