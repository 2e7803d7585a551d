import { janusError } from '@janus/core'
import type { ThinkingReport } from '../contract/thinking.js'
import { visibleLine, visibleName } from '../review/visible-text.js'
import type { AgentCommand } from './agent-command.js'

/** `think`. */
export const think: AgentCommand = {
  words: 'think',
  summary: 'One cycle of thinking: what was proposed, what was refused, and why.',
  details: ['By the agent where it runs, and else here. Runs nothing.'],
  positionals: [],
  options: { once: { type: 'boolean', summary: 'needed: thinking again and again is what `run` does' } },
  example: 'think --once',
  async run(call) {
    if (!call.flag('once')) throw janusError('JANUS_USAGE', 'say --once')
    const agent = await call.agent()
    const report = await agent.think()
    return { data: report, text: reportLines(report).join('\n') }
  },
}

function reportLines({ proposed, refused, because, usage, model }: ThinkingReport): readonly string[] {
  return [
    `model     ${model === null ? 'none' : visibleLine(model.name)}`,
    ...(usage === undefined
      ? []
      : [
          `answer    ${usage.bytes} bytes in ${(usage.milliseconds / 1000).toFixed(1)} s, ${usage.promptTokens ?? '?'} tokens read, ${usage.completionTokens ?? '?'} written`,
        ]),
    `because   ${visibleLine(because)}`,
    ...proposed.map((id) => `proposed  ${visibleName(id)}`),
    ...refused.map(({ code, text }) => `refused   ${visibleLine(text)} (${visibleName(code)})`),
  ]
}
