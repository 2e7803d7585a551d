import type { PolicyExplanation } from '../contract/agent.js'
import { visibleLine, visibleName } from '../review/visible-text.js'
import type { AgentCommand } from './agent-command.js'
import { readJsonFile } from './read-json-file.js'

/** `policy explain`. */
export const policyExplain: AgentCommand = {
  words: 'policy explain',
  summary: 'What risk, policy and mode say of a draft, rule by rule.',
  details: ['Records nothing.'],
  positionals: ['draft'],
  options: {},
  example: 'policy explain ./draft.json',
  async run(call) {
    const explanation = await (await call.reader()).explainPolicy({
      draft: await readJsonFile(call.positional('draft')),
    })
    return { data: explanation, text: explanationLines(explanation).join('\n') }
  },
}

/** `policy test`. */
export const policyTest: AgentCommand = {
  words: 'policy test',
  summary: 'The same under another policy than the one in force.',
  details: ['Exit code 1 when it denies the draft.'],
  positionals: ['policy', 'draft'],
  options: {},
  example: 'policy test ./rules.json ./draft.json',
  async run(call) {
    const [policy, draft] = await Promise.all([
      readJsonFile(call.positional('policy')),
      readJsonFile(call.positional('draft')),
    ])
    const agent = await call.reader()
    const [now, then] = [await agent.explainPolicy({ draft }), await agent.explainPolicy({ draft, policy })]
    const differs = now.verdict.allowed !== then.verdict.allowed
    return {
      data: { inForce: now, tested: then, differs },
      text: [
        ...explanationLines(then),
        '',
        `The policy in force ${now.verdict.allowed ? 'allows' : 'denies'} it${differs ? ': they differ' : ' too'}.`,
      ].join('\n'),
      exitCode: then.verdict.allowed ? 0 : 1,
    }
  },
}

function explanationLines({ risk, verdict, permission }: PolicyExplanation): readonly string[] {
  return [
    `risk    ${risk.level}`,
    ...risk.reasons.map(
      ({ level, rule, because }) => `        ${level}: ${visibleLine(because)} (${visibleName(rule)})`,
    ),
    `policy  ${verdict.allowed ? 'allows' : 'denies'} it, by ${verdict.rule === undefined ? 'no rule' : visibleName(verdict.rule)} (policy ${verdict.policy.slice(0, 12)})`,
    ...verdict.considered.map(
      ({ rule, effect, matched, failed }) =>
        `        ${effect} ${visibleName(rule)}: ${matched ? 'holds' : `not, ${visibleName(failed?.condition ?? '')}: ${visibleLine(failed?.because ?? '')}`}`,
    ),
    `mode    ${permission.mode}`,
  ]
}
