import type { CommandSpec } from './command-spec.js'
import { ACCEPT, HOST, MODULE, MODULE_OPTION, OPTIONS_FILE, YES_BUT_LOSSES } from './options.js'

/** `janus check`, which `janus module check` is too. */
export const CHECK: CommandSpec = {
  name: 'check',
  summary: 'Look for what stands in the way, and say what to do about it.',
  arguments: [{ name: '[module...]', summary: 'modules to ask; all of them when none is named' }],
  options: [
    MODULE_OPTION,
    OPTIONS_FILE,
    HOST,
    MODULE,
    { flags: '--no-interactive', summary: 'ask nothing (check never does; accepted for scripts)' },
  ],
  examples: [
    { command: 'janus check', summary: 'every check on this machine' },
    { command: 'janus check gpu-iommu --host lab.json', summary: 'one module on a captured machine' },
    { command: 'janus check cpu-hugepages -o pages=512', summary: 'whether what is asked for is so, or can be' },
  ],
  implementation: 'check',
}

/** `janus apply`, which `janus module apply` is too. */
export const APPLY: CommandSpec = {
  name: 'apply',
  summary: 'Carry out a plan: show it, ask, then apply, verify and journal each step.',
  arguments: [{ name: '<module|plan>', summary: 'a module to plan with, a plan file (*.json), or - for stdin' }],
  options: [MODULE_OPTION, MODULE, YES_BUT_LOSSES, ACCEPT],
  examples: [{ command: 'sudo janus apply plan.json', summary: 'exactly the plan in that file' }],
  implementation: 'apply',
}
