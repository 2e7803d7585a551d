import type { AgentCommand } from '../../packages/agent/src/commands/agent-command.js'
import { AGENT_COMMANDS } from '../../packages/agent/src/commands/command-table.js'
import { COMMON_OPTIONS } from '../../packages/agent/src/commands/parse-command-line.js'
import { exitStatus } from './exit-status.js'
import { definitions, paragraphs, roffArgument, roffText, section, typed } from './roff.js'

/** janus-agent(1): every command of the agent's own table. */
export async function agentPage(): Promise<string> {
  const parts = [
    '.TH JANUS\\-AGENT 1 "" Janus "User Commands"',
    section('NAME', 'janus\\-agent, ubos \\- review, decide and run what the supervised agent of Janus proposes'),
    section(
      'SYNOPSIS',
      ['.B janus agent', '.I command', '.RI [ options ]', '.br', '.B ubos', '.I command', '.RI [ options ]'].join('\n'),
    ),
    section(
      'DESCRIPTION',
      paragraphs(
        'Every action of the agent is proposed, approved, run in a sandbox and put on a record that can be verified. It starts in the mode alpha, in which nothing runs without the yes of a person. ubos is the same program under the name of the agent alone.',
      ),
    ),
    section('COMMANDS', ...AGENT_COMMANDS.map(commandText)),
    section('OPTIONS OF EVERY COMMAND', optionList(COMMON_OPTIONS)),
    await exitStatus(),
    section('SEE ALSO', '.BR janus (1),\n.BR bwrap (1),\n.BR systemctl (1)'),
  ]
  return `${parts.join('\n')}\n`
}

function commandText({ words, summary, details = [], positionals, options, example }: AgentCommand): string {
  const named = positionals.map((name) => (name.endsWith('?') ? `[${name.slice(0, -1)}]` : `<${name}>`))
  const usage = ['janus agent', words, ...named, ...(Object.keys(options).length === 0 ? [] : ['[options]'])]
  const list = optionList(options)
  return [
    `.SS ${roffArgument(usage.join(' '))}`,
    roffText([summary, ...details].join('\n')),
    ...(list === '' ? [] : [list]),
    '.PP',
    'Example:',
    typed([`janus agent ${example}`]),
  ].join('\n')
}

function optionList(options: AgentCommand['options']): string {
  return definitions(
    Object.entries(options).map(([name, { value, summary, multiple }]) => [
      value === undefined ? `--${name}` : `--${name} ${value}`,
      multiple === true ? `${summary} (repeatable)` : summary,
    ]),
  )
}
