import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { modulesOfJanus } from '../../src/index.js'
import { type FaultServer, startFaultServer } from '../support/fault-server.js'
import { type RootJanus, rootJanus } from '../support/root-janus.js'
import { type ThinkingAgent, thinkerOn } from '../support/thinking.js'

const never = new AbortController().signal
let folder: string
let server: FaultServer
let machine: RootJanus
let agent: ThinkingAgent

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-modules-')))
  server = await startFaultServer()
  machine = rootJanus(folder)
  const modules = await modulesOfJanus(machine.janus, never)
  agent = await thinkerOn(folder, server.baseUrl, { patience: 60, modules, cycle: { max_proposals_per_cycle: 5 } })
})

afterEach(async () => {
  await agent.agent.close()
  await machine.janus.close()
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

function asked(options: unknown, module = 'test-lines') {
  return {
    action_type: 'host_change',
    rationale: 'The line has to be in the file before the weekly report is made',
    expected_outcome: 'The line is there',
    risk_level: 'low',
    risk_mitigation: 'It is undone from the journal',
    rollback_plan: 'The transaction is rolled back',
    module_name: module,
    module_options: options,
  }
}

test('a plan that a model asks for is the one that the module makes, and waits for people; nothing is changed', async () => {
  server.script({ kind: 'proposals', proposals: [asked({ line: 'one' })] })
  const report = await agent.thinker.think(never)
  expect(report.refused).toEqual([])
  const [waiting] = [...agent.record.state.open.values()]
  expect(waiting).toMatchObject({
    status: 'proposed',
    proposal: {
      proposer: { kind: 'agent', name: 'thinking-cycle' },
      content: { action: { kind: 'module', accept: [], plan: { module: { id: 'test-lines' } } } },
    },
  })
  expect(machine.text()).toBe('zero\n')
})

test('options that the module does not take, and modules that are not there, are told; no plan of a model’s own is taken', async () => {
  server.script({
    kind: 'proposals',
    proposals: [
      asked({ line: 1 }),
      asked({ line: 'one', path: '/etc/shadow' }),
      asked({ line: 'one' }, 'gpu-vfio'),
      { ...asked({ line: 'one' }), plan: { changes: [] } },
      { ...asked({ line: 'one' }), accept: ['disk'] },
    ],
  })
  const report = await agent.thinker.think(never)
  expect(report.proposed).toEqual([])
  expect(report.refused.map(({ text }) => text).toSorted()).toEqual([
    expect.stringContaining('there is no module "gpu-vfio"'),
    expect.stringContaining('does not write the member "plan"'),
    expect.stringContaining('does not write the member "accept"'),
    expect.stringContaining('test-lines: '),
    expect.stringContaining('test-lines: '),
  ])
  expect(machine.text()).toBe('zero\n')
})

test('the model is told of each module with the schema of its options', async () => {
  await agent.thinker.think(never)
  const [system = ''] = server.asked[0]?.body.messages.map(({ content }) => content) ?? []
  expect(system).toMatch(/- test-lines: .*\n {4}options: .*"line"/)
})
