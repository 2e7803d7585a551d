import type { Agent } from '../contract/agent.js'
import { agentError } from '../errors/agent-error.js'
import { createSystemClock } from '../local/system-clock.js'
import { requireTerminal } from '../screen/open-terminal.js'
import { readScreen } from '../screen/read-screen.js'
import { screenText } from '../screen/render-screen.js'
import { runScreen } from '../screen/run-screen.js'
import { emptyScreen } from '../screen/screen-state.js'
import { withAnswer } from '../screen/update-screen.js'
import type { AgentCall, AgentCommand } from './agent-command.js'
import { createDecisionSigner, SIGNING_OPTIONS } from './sign-decision.js'

/** Size of the picture of `--once` where there is no terminal. */
const USUAL = { columns: 80, rows: 24 }

/** `watch`. */
export const watch: AgentCommand = {
  words: 'watch',
  summary: 'A screen for an operator: what waits, what runs, the controls, the last events.',
  details: ['Proposals are approved and rejected by key; `?` tells the keys.'],
  positionals: [],
  options: {
    once: { type: 'boolean', summary: 'print one picture as text and end; needs no terminal' },
    ...SIGNING_OPTIONS,
  },
  example: 'watch --once',
  async run(call) {
    const clock = createSystemClock()
    if (call.flag('once')) {
      const answer = await readScreen(await call.reader())
      const now = clock.now().getTime()
      const { columns = USUAL.columns, rows = USUAL.rows } = process.stdout
      return { data: answer, text: screenText(withAnswer(emptyScreen(now), answer, now), { columns, rows }) }
    }
    const streams = { input: process.stdin, output: process.stdout }
    requireTerminal(streams, process.env.TERM)
    const sign = await createDecisionSigner(call)
    // What cannot be reached now is said here; what is lost later, on the screen.
    const first = await servedAgent(call)
    const agents = [first]
    const { decisions } = await runScreen({
      connect: async () => agents.pop() ?? servedAgent(call),
      streams,
      clock,
      signal: call.context.signal,
      colour: !process.env.NO_COLOR && !process.env.NODE_DISABLE_COLORS,
      sign,
      program: call.program,
    })
    return { data: { decisions }, text: '' }
  },
}

/** The agent of the process that serves it: a screen that had the record open itself would keep every other one out for as long as it is looked at. */
async function servedAgent(call: AgentCall): Promise<Agent> {
  const agent = await call.reader()
  if (agent.via === 'socket') return agent
  await agent.close()
  throw agentError('JANUS_AGENT_UNREACHABLE', 'no agent is running here', {
    remedy: `Start it, or use \`${call.program} watch --once\` and \`${call.program} proposals list\`.`,
  })
}
