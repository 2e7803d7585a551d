import { BIND } from './bind-spec.js'
import { APPLY, CHECK } from './check-and-apply-specs.js'
import type { CommandSpec } from './command-spec.js'
import { MODULE_COMMANDS } from './module-specs.js'
import { DRY_RUN, HOST, MODULE, MODULE_OPTION, OPTIONS_FILE, YES } from './options.js'
import { PROFILE_COMMANDS } from './profile-specs.js'

/** Every command, in the order of the help. Light data: nothing here imports an implementation. */
export const COMMANDS: readonly CommandSpec[] = [
  CHECK,
  {
    name: 'init',
    summary: 'Set Janus up for this user: configuration, state and cache directories.',
    options: [DRY_RUN, YES],
    examples: [{ command: 'janus init --dry-run', summary: 'the plan, and nothing else' }],
    implementation: 'init',
  },
  BIND,
  {
    name: 'plan',
    summary: 'Ask a module for its changes and print them as a plan; nothing is changed.',
    arguments: [{ name: '<module>', summary: 'the module to ask' }],
    options: [
      MODULE_OPTION,
      OPTIONS_FILE,
      { flags: '--out <file>', summary: 'write the plan to a new file, to be applied as it is' },
      { flags: '--left-overs', summary: 'plan the removal of what the module left behind and no journal knows' },
      MODULE,
      HOST,
    ],
    examples: [{ command: 'janus plan cpu-hugepages -o pages=512 --out plan.json', summary: 'a plan to apply later' }],
    implementation: 'plan',
  },
  APPLY,
  {
    name: 'rollback',
    summary: 'Undo a transaction from the journal.',
    arguments: [
      { name: '[transaction]', summary: 'the transaction; the newest that can be rolled back when left out' },
    ],
    options: [
      { flags: '--last', summary: 'the newest that can be rolled back (the default)' },
      { flags: '--profile <name>', summary: 'the newest transaction of this profile', values: 'profile' },
      { flags: '--cascade', summary: 'first roll back later ones that touched the same things, newest first' },
      DRY_RUN,
      YES,
    ],
    examples: [
      { command: 'sudo janus rollback --last --dry-run', summary: 'what undoing the newest would do' },
      { command: 'sudo janus rollback --profile vm', summary: 'what was done for a profile' },
    ],
    implementation: 'rollback',
  },
  {
    name: 'recover',
    summary: 'Bring interrupted transactions to a clean end: the state before, or the state planned.',
    options: [DRY_RUN, YES],
    examples: [{ command: 'sudo janus recover --yes', summary: 'after a crash or a power cut' }],
    implementation: 'recover',
  },
  {
    name: 'status',
    summary: 'Show what Janus has changed on this machine, and whether it still holds.',
    examples: [{ command: 'sudo janus status', summary: 'exit code 1 when something has drifted or is unfinished' }],
    implementation: 'status',
  },
  {
    name: 'history',
    summary: 'List the transactions in the journal.',
    examples: [{ command: 'sudo janus history --json', summary: 'the list for a program' }],
    implementation: 'history',
  },
  {
    name: 'history prune',
    summary: 'Drop old transactions that cannot be undone any more from the journal.',
    options: [
      { flags: '--older-than <days>', summary: 'those that ended more than this many days ago (default 90)' },
      DRY_RUN,
      YES,
    ],
    examples: [{ command: 'sudo janus history prune --older-than 365', summary: 'keep a year' }],
    implementation: 'historyPrune',
  },
  {
    name: 'snapshot',
    summary: 'Capture a machine in one file that check, plan and bind --list can be run on anywhere.',
    options: [
      { flags: '--host <directory>', summary: 'capture a directory tree of a machine instead of this machine' },
      { flags: '--out <file>', summary: 'the new file to write' },
      { flags: '--no-mask', summary: 'keep serial numbers, MAC addresses and names as they are' },
    ],
    examples: [{ command: 'janus snapshot --out lab.json', summary: 'this machine, identities masked' }],
    implementation: 'snapshot',
  },
  ...MODULE_COMMANDS,
  ...PROFILE_COMMANDS,
  {
    name: 'doctor',
    summary: 'Tell what a report of a problem needs: versions, modules, tools, the sandbox. No secrets.',
    options: [MODULE],
    examples: [{ command: 'janus doctor', summary: 'to be pasted into a report' }],
    implementation: 'doctor',
  },
  {
    name: 'completion',
    summary: 'Print the script with which a shell completes what you type behind janus.',
    arguments: [{ name: '<shell>', summary: 'bash, zsh or fish' }],
    examples: [
      {
        command: 'janus completion bash > ~/.local/share/bash-completion/completions/janus',
        summary: 'in effect in the next shell',
      },
      { command: 'janus completion zsh > ~/.zfunc/_janus', summary: 'with ~/.zfunc in your fpath, before compinit' },
      { command: 'janus completion fish > ~/.config/fish/completions/janus.fish', summary: 'in effect at once' },
    ],
    implementation: 'completion',
  },
]

/** Words that only carry other commands. */
export const GROUPS: Readonly<Record<string, string>> = {
  module: 'Find, describe, install, trust and test modules.',
  profile: 'Plan and apply several modules as one transaction.',
}

/** True for a word that only carries other commands. */
export function isGroup(word: string): boolean {
  return Object.hasOwn(GROUPS, word)
}
