import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readdir, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { isStillThere } from '../../src/sandbox/process-identity.js'
import { EXECUTOR } from '../support/decision-context.js'
import { approved, type ExecutingParts, type ExecutingSettings, executing, script } from '../support/executing-agent.js'
import { type TestSandbox, testSandbox } from '../support/run-sandbox.js'
import { SMALL } from '../support/small-limits.js'

const WORKER = fileURLToPath(new URL('../support/run-in-worker.ts', import.meta.url))
let tested: TestSandbox
let folder: string
let parts: ExecutingParts

beforeAll(async () => {
  tested = await testSandbox()
})

afterAll(() => tested.close())

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-in-sandbox-')))
})

afterEach(async () => {
  await parts?.agent.close()
  await rm(folder, { recursive: true, force: true })
})

async function open(executor: ExecutingSettings['executor'] = {}): Promise<void> {
  parts = await executing(folder, { executor, limits: SMALL, sandbox: tested.sandbox })
}

describe('the executor over the sandbox of tools', () => {
  test('records what was really enforced, what was used and where the workspace lies', async () => {
    await open()
    const id = await approved(parts.agent, script('echo kept > report; echo done'))
    const { status, result } = await parts.executor.execute(id, EXECUTOR)
    expect(status).toBe('completed')
    const { enforced, workspace, stdout } = result.details as unknown as {
      readonly enforced: readonly { readonly dimension: string; readonly enforced: boolean }[]
      readonly workspace: string
      readonly stdout: { readonly text: string }
    }
    expect(stdout.text).toBe('done\n')
    expect(enforced.filter((each) => each.enforced).map(({ dimension }) => dimension)).toEqual(
      expect.arrayContaining(['wall', 'namespaces', 'system-calls', 'network', 'user']),
    )
    expect(readFileSync(join(workspace, 'report'), 'utf8')).toBe('kept\n')
  })

  test('the rollback of what failed finds the workspace as the action left it', async () => {
    await open()
    const id = await approved(parts.agent, script('echo half > report; exit 1'), {
      rollback: script('test "$(cat report)" = half && rm report'),
    })
    const { result } = await parts.executor.execute(id, EXECUTOR)
    expect(result).toMatchObject({ outcome: 'failed', details: { rollback: { outcome: 'completed' } } })
    expect(await readdir(result.details.workspace as string)).toEqual([])
  })

  test('attack 23: nothing is started after the flag, although the sandbox was being prepared', async () => {
    let flag: string | undefined
    const begun: number[] = []
    await open({ stopped: () => flag, onStarted: (_proposal, { pid }) => begun.push(pid) })
    const id = await approved(parts.agent, script('true'))
    const execution = parts.executor.execute(id, EXECUTOR)
    const unwatch = parts.agent.record.watch(({ type }) => {
      if (type === 'warrant-consumed') setImmediate(() => (flag = 'somebody stopped everything'))
    })
    expect(await execution).toMatchObject({ status: 'suspended', result: { code: 'STOPPED' } })
    unwatch()
    expect(begun).toEqual([])
  })

  test('attack 37: whoever may have to end a run is told its number together with when it began', async () => {
    const told: { readonly pid: number; readonly startTime: string }[] = []
    await open({ onStarted: (_proposal, processes) => void told.push({ ...processes }) })
    const id = await approved(parts.agent, script('sleep 0.2'))
    const execution = parts.executor.execute(id, EXECUTOR)
    while (told.length === 0) await new Promise((resolve) => setImmediate(resolve))
    const [run] = told
    if (run === undefined) throw new Error('nobody was told')
    expect(isStillThere(run)).toBe(true)
    expect(isStillThere({ ...run, startTime: String(Number(run.startTime) + 1) })).toBe(false)
    await execution
    expect(isStillThere(run) && existsSync(`/proc/${run.pid}/exe`)).toBe(false)
  })
})

test('attack 34: a run is never started from a worker thread, whose end would end it', async () => {
  await open()
  const load = "const { register } = await import('tsx/esm/api'); register(); await import(workerData.program)"
  const source = `const { workerData } = require('node:worker_threads'); (async () => { ${load} })()`
  const worker = new Worker(source, { eval: true, execArgv: [], workerData: { root: tested.root, program: WORKER } })
  const said = await new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  await worker.terminate()
  expect(said).toEqual({ code: 'JANUS_USAGE', message: expect.stringContaining('main thread') })
})
