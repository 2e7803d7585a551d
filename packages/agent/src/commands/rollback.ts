import { janusError } from '@janus/core'
import { visibleLine } from '../review/visible-text.js'
import type { AgentCommand } from './agent-command.js'
import { REASON, wantedReason } from './wanted-reason.js'

/** `rollback`. */
export const rollback: AgentCommand = {
  words: 'rollback',
  summary: 'Runs the rollback that was approved with an action, after it ran.',
  details: ['Once, in the sandbox, by the agent that runs. A plan is undone from its journal.'],
  positionals: ['proposal'],
  options: {
    ...REASON,
    yes: { type: 'boolean', summary: 'without being asked' },
  },
  example: "rollback janus-0123456789ab --reason 'The report was wrong'",
  async run(call) {
    const proposal = call.positional('proposal')
    const reason = wantedReason(call)
    const agent = await call.agent()
    await call.context.confirm({ question: `Undo what ${proposal} did?`, yes: call.flag('yes') })
    const { record, result } = await agent.rollback({ proposal, reason })
    const told = `the rollback of ${proposal} ended ${result.outcome}: ${visibleLine(result.summary)}; it is ${record.status}`
    if (result.outcome === 'completed') return { data: { record, result }, text: told }
    throw janusError('JANUS_ROLLBACK_INCOMPLETE', told, {
      remedy: `Look at the machine, then at \`${call.program} proposals show ${proposal}\`.`,
      data: { proposal, outcome: result.outcome },
    })
  },
}
