import type { AgentStatus } from '../contract/agent.js'
import { PROPOSAL_STATUSES } from '../contract/proposal.js'
import { agentError } from '../errors/agent-error.js'
import { visibleLine, visibleName } from '../review/visible-text.js'
import type { AgentCommand } from './agent-command.js'
import { permissionLines } from './render/mode-lines.js'

/** `status`. */
export const status: AgentCommand = {
  words: 'status',
  summary: 'What the agent is, may do and waits for.',
  positionals: [],
  options: { vessel: { type: 'string', value: '<id>', summary: 'refuse when this is not the vessel' } },
  example: 'status',
  async run(call) {
    const answer = await (await call.reader()).status()
    const wanted = call.text('vessel')
    if (wanted !== undefined && wanted !== answer.vesselId) {
      throw agentError(
        'JANUS_AGENT_REQUEST_INVALID',
        `this is the vessel ${visibleName(answer.vesselId)}, not ${visibleName(wanted)}`,
        {
          remedy: 'Name the one whose record lies here, or leave --vessel out.',
        },
      )
    }
    return { data: answer, text: statusLines(answer).join('\n') }
  },
}

function statusLines(answer: AgentStatus): readonly string[] {
  const { frozen, emergency, counts, scheduled, checkpoint, process: server } = answer
  const some = PROPOSAL_STATUSES.filter((each) => counts[each] > 0).map((each) => `${counts[each]} ${each}`)
  return [
    `vessel      ${visibleName(answer.vesselId)}, ${answer.recordId === '' ? 'no record yet' : `record ${answer.recordId.slice(0, 12)}`}`,
    ...(frozen === null ? [] : [`FROZEN      ${visibleLine(frozen)}`]),
    ...(emergency === null ? [] : [`STOPPED     ${visibleLine(emergency.because)}`]),
    `answered by process ${server.pid} (${visibleLine(server.purpose)}) since ${server.since}`,
    ...daemonLines(answer),
    ...permissionLines(answer.permission),
    `proposals   ${some.length === 0 ? 'none yet' : some.join(', ')}`,
    ...(answer.oldestPending === null ? [] : [`waiting     since ${answer.oldestPending}`]),
    `violations  ${answer.violations}`,
    ...scheduled.map(
      ({ proposal, subject, effectiveFrom }) =>
        `scheduled   ${visibleName(subject)} of ${visibleName(proposal)}, from ${effectiveFrom}`,
    ),
    `record      ${answer.lastSeq} events${answer.lastAt === null ? '' : `, the last at ${answer.lastAt}`}`,
    `checkpoint  ${checkpoint === null ? 'none' : `of ${checkpoint.size} events, at ${checkpoint.at}`}`,
    ...(answer.obstacles ?? []).map(({ because }) => `thinks not  ${visibleLine(because)}`),
    ...answer.viewProblems.map(({ path, summary }) => `not written ${visibleLine(path)}: ${visibleLine(summary)}`),
  ]
}

function daemonLines({ daemon }: AgentStatus): readonly string[] {
  if (daemon === null) return ['daemon      none runs: nothing is executed']
  const { running, loops, healthy } = daemon
  const failing = loops.filter(({ problem }) => problem !== null)
  return [
    `daemon      ${healthy ? 'all loops go round' : 'NO PROGRESS'}, ${running.length === 0 ? 'nothing runs' : `runs ${running.join(', ')}`}`,
    ...failing.map(({ name, problem }) => `failing     ${visibleName(name)}: ${visibleLine(problem ?? '')}`),
  ]
}
