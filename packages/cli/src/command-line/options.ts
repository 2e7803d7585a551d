import type { OptionSpec } from './command-spec.js'

/** `--host`: look at a captured machine. */
export const HOST: OptionSpec = {
  flags: '--host <path>',
  summary: 'look at a captured machine: a snapshot file, or a directory tree of one',
}

/** `--dry-run` of a command that asks before it changes anything. */
export const DRY_RUN: OptionSpec = { flags: '--dry-run', summary: 'show what would be done and change nothing' }

/** `--yes`. */
export const YES: OptionSpec = { flags: '--yes', summary: 'do it without asking' }

/** `--yes` of a command that takes `--accept`. */
export const YES_BUT_LOSSES: OptionSpec = {
  flags: '--yes',
  summary: 'do it without asking; losses still need --accept',
}

/** `--accept`. */
export const ACCEPT: OptionSpec = {
  flags: '--accept <loss>',
  summary: 'accept one thing that undoing will not bring back, by the name the plan gives it',
  repeatable: true,
}

/** `-o`: an option of the module. */
export const MODULE_OPTION: OptionSpec = {
  flags: '-o, --option <key=value>',
  summary: 'an option of the module; give it again for more, also for a further value of a list',
  repeatable: true,
}

/** `--options`: the options of the module, from a file. */
export const OPTIONS_FILE: OptionSpec = {
  flags: '--options <file>',
  summary: 'read the options of the module from a JSON file, or from - (stdin)',
}

/** `--module`: a module for this run. */
export const MODULE: OptionSpec = {
  flags: '--module <name>',
  summary: 'also use this package, directory, JavaScript file or program; give it again for more',
  repeatable: true,
  values: 'file',
}

/** Options of every command. */
export const GLOBAL_OPTIONS: readonly OptionSpec[] = [
  { flags: '--json', summary: 'print one JSON document instead of text' },
  { flags: '--color', summary: 'colour the text also when it is not for a terminal' },
  { flags: '--no-color', summary: 'never colour the text' },
  { flags: '-v, --version', summary: 'print the version; with --json also those of core, Module API and node' },
]
