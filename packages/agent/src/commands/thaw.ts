import type { AgentCommand } from './agent-command.js'
import { REASON, wantedReason } from './wanted-reason.js'

/** `thaw`. */
export const thaw: AgentCommand = {
  words: 'thaw',
  summary: 'Accepts a record that came from a copy or a backup: everything that is approved in it is void.',
  positionals: [],
  options: {
    ...REASON,
    yes: { type: 'boolean', summary: 'ask nothing' },
  },
  example: "thaw --reason 'The disk was replaced, this is the backup of last night'",
  async run(call) {
    const reason = wantedReason(call)
    await call.context.confirm({
      question: 'Void every approval in it and go on with this record?',
      yes: call.flag('yes'),
    })
    const answer = await (await call.agent()).thaw({ reason })
    return { data: answer, text: `The record ${answer.recordId.slice(0, 12)} is accepted; its approvals are void.` }
  },
}
