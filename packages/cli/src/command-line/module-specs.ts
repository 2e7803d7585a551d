import { APPLY, CHECK } from './check-and-apply-specs.js'
import type { CommandSpec } from './command-spec.js'
import { DRY_RUN, MODULE, YES } from './options.js'

const NAMED = { name: '<module>', summary: 'id of the module' }

/** `janus module …`: finding, describing, installing, trusting and testing modules. */
export const MODULE_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'module list',
    summary: 'List the modules found, and what became of each.',
    options: [MODULE],
    examples: [
      { command: 'janus module list', summary: 'one line for each module' },
      { command: 'janus module list --module ./fan-curve', summary: 'with one that nothing else names' },
    ],
    implementation: 'moduleList',
  },
  {
    name: 'module show',
    summary: 'Show what a module is, and which options it takes.',
    arguments: [NAMED],
    options: [MODULE],
    examples: [{ command: 'janus module show gpu-vfio', summary: 'its options, as a table' }],
    implementation: 'moduleShow',
  },
  {
    name: 'module meta',
    summary: 'Print what a module states about itself, one name=value to a line.',
    arguments: [NAMED],
    options: [MODULE],
    examples: [{ command: 'janus module meta gpu-vfio', summary: 'id=, type=, version=, compat_api=, path=' }],
    implementation: 'moduleMeta',
  },
  {
    ...CHECK,
    name: 'module check',
    summary: 'The same as janus check.',
    examples: [{ command: 'janus module check gpu-vfio', summary: 'janus check gpu-vfio' }],
  },
  {
    ...APPLY,
    name: 'module apply',
    summary: 'The same as janus apply.',
    examples: [
      { command: 'sudo janus module apply cpu-hugepages -o pages=512', summary: 'janus apply cpu-hugepages …' },
    ],
  },
  {
    name: 'module add',
    summary: 'Install a package of modules for this user, after showing what it brings.',
    arguments: [{ name: '<package>', summary: 'name, name@version, or a directory (./name)' }],
    options: [DRY_RUN, YES],
    examples: [
      { command: 'janus module add janus-module-fans --dry-run', summary: 'what it brings; nothing is installed' },
      { command: 'janus module add janus-module-fans@1.2.0', summary: 'exactly this version, kept in the sandbox' },
    ],
    implementation: 'moduleAdd',
  },
  {
    name: 'module remove',
    summary: 'Take a package away that was added.',
    arguments: [{ name: '<package>', summary: 'name of the package, or id of one of its modules', values: 'added' }],
    options: [DRY_RUN, YES],
    examples: [{ command: 'janus module remove janus-module-fans', summary: 'its modules go with it' }],
    implementation: 'moduleRemove',
  },
  {
    name: 'module trust',
    summary: 'Let a module run without sandbox and propose what root runs, after showing what changed.',
    arguments: [{ name: '<module>', summary: 'id of the module, or name of its package' }],
    options: [MODULE, DRY_RUN, YES],
    examples: [
      {
        command: 'janus module trust fan-curve --dry-run',
        summary: 'what it is, and what changed since it was pinned',
      },
    ],
    implementation: 'moduleTrust',
  },
  {
    name: 'module test',
    summary: 'Run the conformance suite on a module. For its author: its JavaScript runs here, with all your rights.',
    arguments: [
      {
        name: '<module>',
        summary: 'path of a package, a file or a program (./name); or id of a module that is trusted',
        values: 'file',
      },
    ],
    options: [
      { flags: '--fixtures <file>', summary: 'machines and options to try it on, from a JavaScript file' },
      MODULE,
    ],
    examples: [{ command: 'janus module test ./fan-curve', summary: 'exit code 1 when a case fails' }],
    implementation: 'moduleTest',
  },
]
