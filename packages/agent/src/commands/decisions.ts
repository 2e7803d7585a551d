import { janusError } from '@janus/core'
import type { Agent } from '../contract/agent.js'
import type { ProposalRecord } from '../contract/proposal.js'
import type { AgentCall, AgentCommand } from './agent-command.js'
import { decidedLine } from './render/decided-line.js'
import { SIGNING_OPTIONS, signDecision } from './sign-decision.js'
import { REASON, wantedReason } from './wanted-reason.js'

const DIGEST = /^[0-9a-f]{8,64}$/

const DECISION_OPTIONS = {
  label: { type: 'string', value: '<text>', summary: 'text that goes with it on the record; identifies nobody' },
  ...SIGNING_OPTIONS,
} as const satisfies AgentCommand['options']

/** `review`. */
export const review: AgentCommand = {
  words: 'review',
  summary: 'What a reviewer reads before deciding: the proposal, and what would really run.',
  details: ['Changes nothing.'],
  positionals: ['proposal'],
  options: {},
  example: 'review janus-0123456789ab',
  async run(call) {
    const agent = await call.reader()
    const answer = await agent.review({ proposal: call.positional('proposal'), program: call.program })
    return { data: answer, text: answer.card }
  },
}

/** `approve`. */
export const approve: AgentCommand = {
  words: 'approve',
  summary: 'Approves what was read, named by the digest of its review card.',
  details: ['The first 8 digits of the digest are enough. Without one the card is shown, and a yes asked for.'],
  positionals: ['proposal', 'digest?'],
  options: {
    'allow-stale': { type: 'boolean', summary: 'although it has waited longer than the approval timeout' },
    ...DECISION_OPTIONS,
  },
  example: 'approve janus-0123456789ab 1a2b3c4d',
  async run(call) {
    const proposal = call.positional('proposal')
    const agent = await call.agent()
    const digest = await digestRead(call, agent, proposal)
    const allowStale = call.flag('allow-stale')
    const label = call.text('label')
    const signed = await signDecision(call, agent, { proposal, digest, decision: 'approve', allowStale, label })
    const answer = await agent.approve({
      proposal,
      digest,
      ...(allowStale ? { allowStale } : {}),
      ...(label === undefined ? {} : { label }),
      ...(signed === undefined ? {} : { signed }),
    })
    return { data: answer, text: decidedLine(answer) }
  },
}

/** `reject`. */
export const reject: AgentCommand = {
  words: 'reject',
  summary: 'Rejects a proposal, or with --withdraw takes an approval back that has not run.',
  positionals: ['proposal'],
  options: {
    ...REASON,
    withdraw: { type: 'boolean', summary: 'also when it is approved already' },
    ...DECISION_OPTIONS,
  },
  example: "reject janus-0123456789ab --reason 'Insufficient security review'",
  async run(call) {
    const proposal = call.positional('proposal')
    const reason = wantedReason(call)
    const withdraw = call.flag('withdraw')
    const label = call.text('label')
    const agent = await call.agent()
    const signed = await signDecision(call, agent, { proposal, decision: 'reject', reason, withdraw, label })
    const answer = await agent.reject({
      proposal,
      reason,
      ...(withdraw ? { withdraw } : {}),
      ...(label === undefined ? {} : { label }),
      ...(signed === undefined ? {} : { signed }),
    })
    return { data: answer, text: decidedLine(answer) }
  },
}

/** `proposals cancel`. */
export const cancel: AgentCommand = {
  words: 'proposals cancel',
  summary: 'Takes a proposal back before it runs.',
  positionals: ['proposal'],
  options: REASON,
  example: "proposals cancel janus-0123456789ab --reason 'No longer needed'",
  async run(call) {
    const request = { proposal: call.positional('proposal'), reason: wantedReason(call) }
    return moved(await (await call.agent()).cancel(request))
  },
}

/** `proposals resubmit`. */
export const resubmit: AgentCommand = {
  words: 'proposals resubmit',
  summary: 'Puts a proposal that was suspended up for review again.',
  positionals: ['proposal'],
  options: REASON,
  example: "proposals resubmit janus-0123456789ab --reason 'The stop is over'",
  async run(call) {
    const request = { proposal: call.positional('proposal'), reason: wantedReason(call) }
    return moved(await (await call.agent()).resubmit(request))
  },
}

/** `proposals reconcile`. */
export const reconcile: AgentCommand = {
  words: 'proposals reconcile',
  summary: 'Says how an execution ended that a crash left unknown, after somebody has looked.',
  positionals: ['proposal'],
  options: {
    ...REASON,
    outcome: {
      type: 'string',
      value: '<completed|failed>',
      values: ['completed', 'failed'],
      summary: 'what was found',
    },
  },
  example: "proposals reconcile janus-0123456789ab --outcome completed --reason 'The file is there, whole'",
  async run(call) {
    const outcome = call.text('outcome')
    if (outcome !== 'completed' && outcome !== 'failed')
      throw janusError('JANUS_USAGE', '--outcome is completed or failed')
    const proposal = call.positional('proposal')
    return moved(await (await call.agent()).reconcile({ proposal, reason: wantedReason(call), outcome }))
  },
}

/** The digest that was typed, or that of the card that is shown now and agreed to. */
async function digestRead(call: AgentCall, agent: Agent, proposal: string): Promise<string> {
  const digest = call.positional('digest')
  if (DIGEST.test(digest)) return digest
  if (digest !== '') {
    throw janusError('JANUS_USAGE', `${JSON.stringify(digest.slice(0, 80))} is not at least 8 digits of a digest`, {
      remedy: `It stands at the end of \`${call.program} review ${proposal}\`.`,
    })
  }
  const { record, card } = await agent.review({ proposal, program: call.program })
  call.context.print(card)
  await call.context.confirm({ question: `Approve ${record.proposal.id} as shown?`, yes: false })
  return record.proposal.digest
}

function moved(record: ProposalRecord): { readonly data: unknown; readonly text: string } {
  return { data: { record }, text: `${record.proposal.id} is ${record.status}` }
}
