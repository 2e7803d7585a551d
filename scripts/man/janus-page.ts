import type { CommandSpec, OptionSpec } from '../../packages/cli/src/command-line/command-spec.js'
import { COMMANDS } from '../../packages/cli/src/command-line/command-table.js'
import { GLOBAL_OPTIONS } from '../../packages/cli/src/command-line/options.js'
import { exitStatus } from './exit-status.js'
import { pageTable } from './page-table.js'
import { definitions, paragraphs, roffArgument, roffText, section, typed } from './roff.js'

/** janus(1): every command of the command table, with its options and examples. */
export async function janusPage(): Promise<string> {
  const variables = await pageTable('docs/configuration.md', 'Variables')
  const configuration = await pageTable('docs/configuration.md', 'Configuration')
  const state = await pageTable('docs/state-directory.md', 'State directory')
  const parts = [
    '.TH JANUS 1 "" Janus "User Commands"',
    section('NAME', 'janus \\- change a Linux machine in the open: plan, apply, verify, undo'),
    section(
      'SYNOPSIS',
      ['.B janus', '.br', '.B janus', '.I command', '.RI [ options ]', '.br', '.B janus help', '.I command'].join('\n'),
    ),
    section(
      'DESCRIPTION',
      paragraphs(
        'Janus diagnoses a machine for virtualization and VFIO, hands PCI devices to vfio-pci, and tunes processors and memory for virtual machines. Every change is a plan that can be read before it runs; it is journaled before each step, verified after it, and can be undone.',
        'A dry run is the default: nothing is changed without --apply or a command that says so, and without a yes. Without arguments, on a terminal, janus leads from a check to a plan.',
      ),
    ),
    section('COMMANDS', ...COMMANDS.map(commandText)),
    section(
      'COMMANDS OF PACKAGES',
      paragraphs('Packages add commands of their own, such as janus agent: janus help lists them.'),
    ),
    section('OPTIONS OF EVERY COMMAND', optionList(GLOBAL_OPTIONS)),
    await exitStatus(),
    section('ENVIRONMENT', definitions(variables.map(([name = '', means = '']) => [name, means]))),
    section(
      'FILES',
      definitions([
        ...configuration.map(([file = '', whose = '']): [string, string] => [file, `configuration: ${whose}`]),
        ...state.map(([who = '', path = '']): [string, string] => [path, `the journal, for ${who}`]),
      ]),
    ),
    section('SEE ALSO', '.BR janus\\-agent (1),\n.BR bwrap (1),\n.BR modprobe (8),\n.BR lspci (8)'),
  ]
  return `${parts.filter((part) => part !== '').join('\n')}\n`
}

/** One command as a subsection. */
function commandText({ name, summary, arguments: positionals = [], options = [], examples }: CommandSpec): string {
  const usage = [
    'janus',
    name,
    ...positionals.map((argument) => argument.name),
    ...(options.length === 0 ? [] : ['[options]']),
  ]
  const lists = [definitions(positionals.map((argument) => [argument.name, argument.summary])), optionList(options)]
  return [
    `.SS ${roffArgument(usage.join(' '))}`,
    roffText(summary),
    ...lists.filter((text) => text !== ''),
    ...(examples.length === 0 ? [] : ['.PP', 'Example:']),
    ...examples.map((example) => typed([`# ${example.summary}`, example.command])),
  ].join('\n')
}

function optionList(options: readonly OptionSpec[]): string {
  return definitions(
    options.map(({ flags, summary, repeatable }) => [flags, repeatable === true ? `${summary} (repeatable)` : summary]),
  )
}
