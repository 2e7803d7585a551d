import type { AgentCommand } from './agent-command.js'
import { wantedReason } from './wanted-reason.js'

/** `relief reset`. */
export const reliefReset: AgentCommand = {
  words: 'relief reset',
  summary: 'Lets the agent start runs again, one at a time, after its host ran short.',
  details: ['It stops starting them when processors or memory become too short.'],
  positionals: [],
  options: {
    reason: { type: 'string', value: '<text>', summary: 'why; it stands in the log of the agent' },
  },
  example: "relief reset --reason 'The runaway build was ended'",
  async run(call) {
    const reason = wantedReason(call)
    const answer = await (await call.agent()).resetRelief({ reason })
    const stage = answer.controls?.relief?.stage ?? 'off'
    return { data: answer, text: `relief is in ${stage}; it goes further down as the host recovers` }
  },
}
