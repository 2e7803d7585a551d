import { resolve } from 'node:path'
import { janusError } from '@janus/core'
import { PROPOSAL_STATUSES, type ProposalStatus } from '../contract/proposal.js'
import type { AgentCall, AgentCommand } from './agent-command.js'
import { readJsonFile } from './read-json-file.js'
import { executionLines } from './render/execution-lines.js'
import { proposalLine, proposalTable } from './render/proposal-lines.js'
import { wholeNumber } from './whole-number.js'
import { writeNewFile } from './write-new-file.js'

const MOST_ROWS = 1000

const SELECTION = {
  status: {
    type: 'string',
    multiple: true,
    value: '<status>',
    values: PROPOSAL_STATUSES,
    summary: `only these; may be repeated: ${PROPOSAL_STATUSES.join(', ')}`,
  },
  source: { type: 'string', value: '<tool|module>', summary: 'only of this tool or module' },
  limit: { type: 'string', value: '<n>', summary: 'at most so many (50)' },
} as const satisfies AgentCommand['options']

/** `propose`. */
export const propose: AgentCommand = {
  words: 'propose',
  summary: 'Proposes what a draft says; somebody else decides.',
  details: ['A draft is a tool with its arguments, or a plan of a module (`janus plan … --json`).'],
  positionals: ['draft'],
  options: {},
  example: 'propose ./draft.json',
  async run(call) {
    const draft = await readJsonFile(call.positional('draft'))
    const record = await (await call.agent()).propose({ draft })
    const { id } = record.proposal
    const { duplicateOf } = record.proposal.novelty
    const text =
      duplicateOf === undefined
        ? `proposed as ${id}; somebody else reviews it: ${call.program} review ${id}`
        : `${id} repeats ${duplicateOf}, and goes no further`
    return { data: { record }, text }
  },
}

/** `proposals list`. */
export const proposalsList: AgentCommand = {
  words: 'proposals list',
  summary: 'Proposals in one line each, the newest first.',
  details: ['All but suppressed drafts, unless --status says otherwise.'],
  positionals: [],
  options: SELECTION,
  example: 'proposals list --status proposed --limit 10',
  async run(call) {
    const rows = await (await call.reader()).list(selection(call))
    return { data: { proposals: rows }, text: proposalTable(rows) }
  },
}

/** `proposals show`. */
export const proposalsShow: AgentCommand = {
  words: 'proposals show',
  summary: 'One proposal whole: the review card and what was executed.',
  details: ['Wherever it stands, and however long ago it ended.'],
  positionals: ['proposal'],
  options: {},
  example: 'proposals show janus-0123456789ab',
  async run(call) {
    const agent = await call.reader()
    const proposal = call.positional('proposal')
    const { record, card } = await agent.review({ proposal, program: call.program })
    const { executions } = await agent.show({ proposal })
    return { data: { record, executions }, text: [card.trimEnd(), ...executionLines(executions)].join('\n') }
  },
}

/** `proposals watch`. */
export const proposalsWatch: AgentCommand = {
  words: 'proposals watch',
  summary: 'Prints each proposal that is created or moves, until it is interrupted or the agent ends.',
  positionals: [],
  options: { source: SELECTION.source },
  example: 'proposals watch --source shell',
  async run(call) {
    const agent = await call.agent()
    const seen: unknown[] = []
    const source = call.text('source')
    const watching = await agent.watch(source === undefined ? {} : { source }, (row) => {
      if (seen.length < MOST_ROWS) seen.push(row)
      call.context.print(proposalLine(row))
    })
    call.context.signal.addEventListener('abort', () => watching.close(), { once: true })
    await watching.ended
    return { data: { proposals: seen }, text: '' }
  },
}

/** `proposals export`. */
export const proposalsExport: AgentCommand = {
  words: 'proposals export',
  summary: 'Writes proposals whole into a new file, one JSON object a line, for other tools.',
  positionals: ['file'],
  options: SELECTION,
  example: 'proposals export ./proposals.jsonl --status completed',
  async run(call) {
    const agent = await call.reader()
    const rows = await agent.list({ limit: MOST_ROWS, ...selection(call) })
    const records = []
    for (const { id } of rows) records.push(await agent.show({ proposal: id }))
    const file = resolve(call.positional('file'))
    await writeNewFile(file, records.map((record) => `${JSON.stringify(record)}\n`).join(''))
    return { data: { file, proposals: records.length }, text: `${records.length} proposals written to ${file}` }
  },
}

function selection(call: AgentCall): {
  readonly statuses?: readonly ProposalStatus[]
  readonly source?: string
  readonly limit?: number
} {
  const statuses = call.texts('status')
  const unknown = statuses.find((status) => !(PROPOSAL_STATUSES as readonly string[]).includes(status))
  if (unknown !== undefined) {
    throw janusError('JANUS_USAGE', `--status ${JSON.stringify(unknown)} is no status`, {
      remedy: `One of: ${PROPOSAL_STATUSES.join(', ')}.`,
    })
  }
  const [source, limit] = [call.text('source'), call.text('limit')]
  return {
    ...(statuses.length === 0 ? {} : { statuses: statuses as readonly ProposalStatus[] }),
    ...(source === undefined ? {} : { source }),
    ...(limit === undefined ? {} : { limit: wholeNumber('limit', limit, 1, MOST_ROWS) }),
  }
}
