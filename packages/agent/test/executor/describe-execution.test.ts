import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { describeExecution } from '../../src/index.js'
import { EXECUTOR, put } from '../support/decision-context.js'
import { approved, executing, MANIFEST, script } from '../support/executing-agent.js'
import { sampleProposal } from '../support/sample-proposal.js'
import { toolEntry } from '../support/tool-entry.js'

test('a dry run says what would run, within which bounds and what stands in its way, and uses nothing up', async () => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-describe-')))
  const parts = await executing(folder, { entry: { environment: { GREETING: 'hello' } } })
  const { agent, executor, sandbox } = parts
  const tools = {
    entry: () => toolEntry('sh', ['/usr/bin/dash', '-c'], { environment: { GREETING: 'hello' } }),
    manifest: () => MANIFEST,
  }
  const describe = (id: string, stopped?: string) => describeExecution({ tools, stopped: () => stopped }, agent, id)
  const id = await approved(agent, script('echo \u001b[31mred'), { rollback: script('true') })
  const before = agent.record.state.lastSeq
  const described = describe(id)
  expect(described).toMatchObject({ proposal: id, obstacle: undefined })
  const text = described?.lines.join('\n') ?? ''
  expect(text).toMatch(/^runs {8}\/usr\/bin\/dash -c 'echo .*red'$/m)
  expect(text).not.toContain('\u001b')
  expect(text).toMatch(/^program {5}SHA-256 [0-9a-f]{64}$/m)
  expect(text).toContain('environment GREETING')
  expect(text).toMatch(/^limits {6}60 s, 300 s of a processor, 150 % of one, 4096 MiB of memory/m)
  expect(text).toMatch(/^network {5}none$/m)
  expect(text).toContain('rollback    when it fails:\n  runs        /usr/bin/dash -c true')
  expect(describe(id, 'everything is stopped')?.obstacle).toBe('everything is stopped')
  expect(describe((await put(agent.record, sampleProposal())).id)).toBeUndefined()
  expect([agent.record.state.lastSeq, sandbox.started]).toEqual([before + 1, []])
  expect(await executor.execute(id, EXECUTOR)).toMatchObject({ proposal: id })
  expect(describe(id)).toBeUndefined()
  await agent.close()
  await rm(folder, { recursive: true, force: true })
})
