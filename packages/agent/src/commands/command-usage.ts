import type { AgentCommand } from './agent-command.js'

/** What `--help` says of one command. */
export function commandUsage(command: AgentCommand, program: string, common: AgentCommand['options']): string {
  const options = Object.entries({ ...command.options, ...common }).map(([name, { value, summary }]) => ({
    left: `--${name}${value === undefined ? '' : ` ${value}`}`,
    summary,
  }))
  const width = Math.max(...options.map(({ left }) => left.length))
  return [
    `${program} ${[command.words, ...command.positionals.map(positional)].join(' ')} [options]`,
    '',
    command.summary,
    ...(command.details ?? []),
    '',
    ...options.map(({ left, summary }) => `  ${left.padEnd(width)}  ${summary}`),
    '',
    `Example: ${program} ${command.example}`,
  ].join('\n')
}

function positional(name: string): string {
  return name.endsWith('?') ? `[<${name.slice(0, -1)}>]` : `<${name}>`
}
