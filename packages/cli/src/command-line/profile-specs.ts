import type { CommandSpec } from './command-spec.js'
import { ACCEPT, DRY_RUN, HOST, MODULE, YES_BUT_LOSSES } from './options.js'

const NAMED = { name: '<profile>', summary: 'name of a profile, or path of its file (*.yaml, *.json)' }

/** `janus profile …`: several modules with options, as one transaction. */
export const PROFILE_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'profile list',
    summary: 'List the profiles in the directories of this user and of the machine.',
    examples: [{ command: 'janus profile list', summary: 'names, files and summaries' }],
    implementation: 'profileList',
  },
  {
    name: 'profile show',
    summary: 'Show a profile: its modules with their options, in the order of the file.',
    arguments: [NAMED],
    examples: [{ command: 'janus profile show ./vm.yaml', summary: 'what the file says, checked' }],
    implementation: 'profileShow',
  },
  {
    name: 'profile plan',
    summary: 'Plan all modules of a profile together and print the plan; nothing is changed.',
    arguments: [NAMED],
    options: [
      { flags: '--out <file>', summary: 'write the plan to a new file, to be applied as it is; not when modules wait' },
      MODULE,
      HOST,
    ],
    examples: [{ command: 'janus profile plan vm --host lab.json', summary: 'what it would do on a captured machine' }],
    implementation: 'profilePlan',
  },
  {
    name: 'profile diff',
    summary: 'Show how the host differs from a profile, module by module; exit code 1 when it does.',
    arguments: [NAMED],
    options: [MODULE, HOST],
    examples: [{ command: 'sudo janus profile diff vm', summary: 'also what has drifted since it was applied' }],
    implementation: 'profileDiff',
  },
  {
    name: 'profile apply',
    summary: 'Carry out a profile as one transaction, each stage shown and agreed to.',
    arguments: [NAMED],
    options: [DRY_RUN, YES_BUT_LOSSES, ACCEPT, MODULE],
    examples: [
      { command: 'sudo janus profile apply vm --dry-run', summary: 'the plan of the first stage, and what waits' },
      { command: 'sudo janus profile apply vm', summary: 'undo it with janus rollback --profile vm' },
    ],
    implementation: 'profileApply',
  },
]
