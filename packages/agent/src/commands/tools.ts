import { janusError } from '@janus/core'
import type { ToolDescription } from '../contract/tool-description.js'
import { quoteWord } from '../review/quote-word.js'
import { visibleLine, visibleName } from '../review/visible-text.js'
import { BUILT_IN_NAMES } from '../tools/built-in/built-in-names.js'
import { describeGrammar, describeOption, describePositional } from '../tools/describe-grammar.js'
import type { AgentCommand } from './agent-command.js'
import { columns } from './render/columns.js'

/** `tools list`. */
export const toolsList: AgentCommand = {
  words: 'tools list',
  summary: 'The tools that may be proposed, and those that are configured and cannot be.',
  positionals: [],
  options: {},
  example: 'tools list',
  async run(call) {
    const { tools, missingTools } = await (await call.reader()).showRules()
    const named = new Set([...tools, ...missingTools].map(({ name }) => name))
    const builtIn = BUILT_IN_NAMES.filter((name) => !named.has(name))
    const rows = tools.map((tool) => [
      visibleName(tool.name),
      visibleName(tool.source),
      natureOf(tool),
      visibleLine(tool.summary),
    ])
    const text = [
      ...(rows.length === 0 ? ['no tools'] : columns([['NAME', 'FROM', 'IS', 'DOES'], ...rows])),
      ...missingTools.map(({ name, because }) => `missing: ${visibleName(name)}: ${visibleLine(because)}`),
      ...(builtIn.length === 0 ? [] : [`Built in, and not named in the configuration: ${builtIn.join(', ')}`]),
    ]
    return { data: { tools, missing: missingTools, builtIn }, text: text.join('\n') }
  },
}

/** `tools show`. */
export const toolsShow: AgentCommand = {
  words: 'tools show',
  summary: 'One tool: what it runs, what it may be given, what is declared of it.',
  positionals: ['tool'],
  options: {},
  example: 'tools show rg',
  async run(call) {
    const name = call.positional('tool')
    const { tools, missingTools } = await (await call.reader()).showRules()
    const tool = tools.find((one) => one.name === name)
    if (tool !== undefined) return { data: { tool }, text: toolLines(tool).join('\n') }
    const missing = missingTools.find((one) => one.name === name)
    throw janusError(
      'JANUS_USAGE',
      missing === undefined
        ? `no tool is configured that is called ${JSON.stringify(name)}`
        : `the tool ${JSON.stringify(name)} cannot be proposed: ${missing.because}`,
      { remedy: 'See `janus agent tools list`.' },
    )
  },
}

function toolLines(tool: ToolDescription): readonly string[] {
  const { options, positionals, subcommands } = tool.arguments
  return [
    `${visibleName(tool.name)}: ${visibleLine(tool.summary)}`,
    '',
    `from         ${visibleName(tool.source)}`,
    `runs         ${tool.commandLine ? 'the program that its first word names' : tool.command.map(quoteWord).join(' ')}`,
    `in           ${visibleLine(tool.workingDirectory)}`,
    `is shown     ${['/usr', ...tool.shown].map(visibleLine).join(', ')}`,
    `is given     ${tool.environment.map(visibleName).join(', ') || 'no variables of its own'}`,
    `network      ${tool.network ? 'on the domains of the action' : 'none'}`,
    `declared as  ${natureOf(tool)}`,
    `probe        ${tool.probe.length === 0 ? 'none' : tool.probe.map(quoteWord).join(' ')}`,
    '',
    'takes',
    ...Object.entries(subcommands ?? {}).map(
      ([name, inner]) => `  ${visibleLine(`${name} ${describeGrammar(inner)}`.trimEnd())}`,
    ),
    ...options.map((option) => `  ${visibleLine(describeOption(option))}`),
    ...positionals.map((positional) => `  ${visibleLine(describePositional(positional))}`),
    ...(options.length + positionals.length + Object.keys(subcommands ?? {}).length === 0 ? ['  nothing'] : []),
  ]
}

function natureOf({ sideEffects, writes, idempotent, reversible, interpreter }: ToolDescription): string {
  return [
    sideEffects === 'outside'
      ? 'effects outside'
      : sideEffects === 'workspace'
        ? 'effects in its workspace'
        : 'no effects',
    writes ? 'writes' : 'reads only',
    ...(idempotent ? ['idempotent'] : []),
    ...(reversible ? ['reversible'] : []),
    ...(interpreter ? ['interpreter'] : []),
  ].join(', ')
}
