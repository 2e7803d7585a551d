import type { ContributedCommand, PackageCompletion } from '@janus/core/commands'
import { callableCommands } from '../command-line/added-commands.js'
import { COMMANDS, GROUPS } from '../command-line/command-table.js'
import { GLOBAL_OPTIONS } from '../command-line/options.js'
import { type CompletedCommand, completedCommand, completedOption } from './completed-command.js'
import type { Vocabulary } from './expected-word.js'

/** The words of `janus`: its command table, and what packages add to it and describe. */
export function vocabulary(
  added: readonly Pick<ContributedCommand, 'name' | 'summary'>[],
  described: readonly Pick<Required<PackageCompletion>, 'commands'>[],
): Vocabulary {
  const callable = callableCommands(added)
  const further = described
    .flatMap(({ commands }) => commands)
    .filter(({ words }) => callable.some(({ name }) => words === name || words.startsWith(`${name} `)))
  const undescribed = callable.filter(({ name }) => !further.some(({ words }) => words === name))
  return {
    commands: [
      ...COMMANDS.map(completedCommand),
      ...undescribed.map(({ name, summary }) => completedCommand({ name, summary })),
      ...further.map(commandOfPackage),
    ],
    globals: GLOBAL_OPTIONS.map(completedOption),
    groups: GROUPS,
  }
}

/** What a package does not say is not guessed from its notation. */
function commandOfPackage({
  words,
  summary,
  arguments: positionals = [],
  options = [],
}: Required<PackageCompletion>['commands'][number]): CompletedCommand {
  return {
    words,
    summary,
    arguments: positionals.map(({ values = [], repeatable = false }) => ({ values: [values], several: repeatable })),
    options: options.map(({ values = [], ...option }) => completedOption({ ...option, values })),
  }
}
