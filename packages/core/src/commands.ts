import type { ContributedCommand } from './contract/contributed-command.js'
import type { ModuleSource } from './contract/janus.js'
import type { PackageCompletion } from './contract/package-completion.js'
import { contributedCommands } from './extensions/contributed-commands.js'
import { packageCompletions } from './extensions/package-completions.js'
import { ownHome } from './state/own-home.js'
import { type Environment, userDirectories } from './state/state-directory.js'

export type { ContributedCommand } from './contract/contributed-command.js'
export type {
  CompletedCommand,
  CompletedModuleOption,
  CompletedOption,
  CompletedValues,
  PackageCompletion,
} from './contract/package-completion.js'

/** Where a program's packages are looked for. */
export interface ProgramPackages {
  /** package.json of the program. */
  readonly packageJson: string
  /** For HOME and XDG_DATA_HOME. */
  readonly env: Environment
}

/**
 * The commands that packages add, for the help of a program that depends on some and reads the extensions of its user.
 * Made to be quick: neither a schema library nor the rest of core is loaded. `janus.command(name)` decides whether one may run.
 */
export function listCommands(program: ProgramPackages): readonly ContributedCommand[] {
  return contributedCommands(sourcesOf(program), userOf(program))
}

/**
 * What the packages of such a program let a shell complete: their commands with options, and the options of their modules.
 * As quick as {@link listCommands}, and as careful: files of data are read, and no code of a package runs.
 */
export function listCompletions(program: ProgramPackages): readonly Required<PackageCompletion>[] {
  return packageCompletions(sourcesOf(program), userOf(program))
}

function sourcesOf({ packageJson }: ProgramPackages): readonly ModuleSource[] {
  return [{ kind: 'dependencies-of', packageJson }, { kind: 'extensions' }]
}

function userOf({ env }: ProgramPackages): Parameters<typeof contributedCommands>[1] {
  return { directories: [userDirectories(env, env.HOME ?? ownHome())] }
}
