import { join } from 'node:path'
import {
  type Agent,
  decisionStatement,
  generateKey,
  governBySettings,
  type LocalAgent,
  loadSettings,
  openLocalAgent,
  parsePlaybooks,
  readPrivateKey,
  signStatement,
} from '../../packages/agent/src/index.js'
import { ANA, BEN, EXECUTOR } from '../../packages/agent/test/support/decision-context.js'
import { type SettableClock, settableClock } from '../../packages/agent/test/support/settable-clock.js'
import { goodProposal } from '../../packages/agent/test/support/thinking.js'
import type { AgentMachine } from './agent-machine.js'

const HOUR = 3600
const DAYS = 31
const DECISIONS = 20

/**
 * Lets the agent of a machine live a month that ends now: a key is enrolled, playbooks are signed with it and in effect after their review time, and twenty proposals were
 * approved by a person and executed. Whether that is enough is for the gate to say.
 * @param registry playbooks in the form of the documents
 * @returns file of the key, whose holder is a first citizen
 */
export async function liveAMonth(machine: AgentMachine, registry: unknown): Promise<string> {
  const loaded = await loadSettings(machine.config)
  const clock = settableClock(new Date(Date.now() - (DAYS * 24 + 1) * HOUR * 1000).toISOString())
  const agent = await openLocalAgent({
    stateDirectory: machine.stateDirectory,
    purpose: 'a test',
    vesselId: loaded.settings.vessel_id,
    clock,
    version: '0.0.0',
    govern: governBySettings({ loaded, bootId: 'boot-1', ownUid: process.geteuid?.() ?? 0, live: () => ({}) }),
  })
  try {
    const keyFile = join(machine.folder, 'ada.key')
    const key = await generateKey(keyFile)
    const owner = agent.as({ actor: BEN, owner: true })
    await owner.enrolKey({
      key: { ...key, name: 'Ada', roles: ['first-citizen'] },
      rationale: 'Ada reviews from today on',
    })
    for (const playbook of parsePlaybooks(registry)) {
      const change = { subject: 'playbook', operation: 'approve', playbook } as const
      const { proposal } = await owner.proposeChange({ change, rationale: 'It is to run without a person' })
      await approveWithKey(owner, proposal.id, keyFile, clock)
    }
    await decide(agent)
    for (let hour = 0; hour < DAYS * 24; hour += 1) {
      clock.pass(HOUR)
      await agent.record.commit(() => ({
        events: [{ type: 'agent-alive', payload: { seconds: HOUR } }],
        answer: undefined,
      }))
      if (hour % 24 === 0) await agent.tick()
    }
    return keyFile
  } finally {
    await agent.close()
  }
}

/** Approved by the holder of a key, whoever delivers it. */
async function approveWithKey(agent: Agent, proposal: string, keyFile: string, clock: SettableClock): Promise<void> {
  const { record, vesselId, recordId } = await agent.review({ proposal })
  const { digest } = record.proposal
  const at = clock.now().toISOString()
  const statement = decisionStatement({
    vesselId,
    recordId,
    proposal,
    digest,
    decision: 'approve',
    reason: null,
    label: null,
    allowStale: false,
    withdraw: false,
    at,
  })
  await agent.approve({ proposal, digest, signed: { ...signStatement(await readPrivateKey(keyFile), statement), at } })
}

/** A person approves, and it completes. */
async function decide(agent: LocalAgent): Promise<void> {
  const thinking = agent.as({ actor: { kind: 'agent', name: 'thinking-cycle' }, owner: false })
  for (let count = 0; count < DECISIONS; count += 1) {
    const draft = {
      mission_context: 'Keep the machine tidy',
      ...goodProposal({ tool_name: 'mark', tool_args: [`x${count}`] }),
    }
    const { proposal } = await thinking.propose({ draft: draft as never })
    await agent.as({ actor: ANA, owner: false }).approve({ proposal: proposal.id, digest: proposal.digest })
    await agent.consume(proposal.id, EXECUTOR)
    const result = {
      outcome: 'completed',
      summary: 'it exited with 0',
      exitStatus: 0,
      runtimeSeconds: 0.1,
      argumentsHash: '',
      outputDigest: '',
      cpuPercent: null,
      memoryMb: null,
      details: {},
    } as const
    await agent.conclude(proposal.id, result, EXECUTOR)
  }
}
