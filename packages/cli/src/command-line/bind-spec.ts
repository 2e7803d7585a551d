import type { CommandSpec } from './command-spec.js'
import { ACCEPT, HOST, MODULE_OPTION, YES_BUT_LOSSES } from './options.js'

/** What goes with a target, not with a list. */
const NOT_LISTING = ['device', 'group', 'rollback', 'apply', 'dryRun', 'accept', 'option']

/** `janus bind`: the module `gpu-vfio`, asked for by its id, with the flags people know. */
export const BIND: CommandSpec = {
  name: 'bind',
  summary: 'Hand PCI devices to vfio-pci, or list them; without --apply it only shows the plan.',
  options: [
    {
      flags: '--list',
      summary: 'draw the IOMMU groups: what can be given away, with what, and who uses it',
      conflicts: NOT_LISTING,
    },
    { flags: '--table', summary: 'with --list: a line for each function instead, for grep', conflicts: NOT_LISTING },
    { flags: '--ascii', summary: 'with --list: draw with ASCII, whatever the locale says', conflicts: NOT_LISTING },
    {
      flags: '--device <address...>',
      summary: 'the devices to bind, e.g. 0000:03:00.0',
      conflicts: ['group', 'rollback'],
    },
    {
      flags: '--group <number>',
      summary: 'bind every device of this IOMMU group',
      conflicts: ['rollback'],
      values: 'group',
    },
    {
      flags: '--rollback',
      summary: 'undo the newest binding that can be undone',
      conflicts: ['apply', 'accept', 'option'],
    },
    { flags: '--dry-run', summary: 'show the plan and change nothing (the default)', conflicts: ['apply'] },
    { flags: '--apply', summary: 'carry the plan out, after asking', conflicts: ['host'] },
    YES_BUT_LOSSES,
    ACCEPT,
    MODULE_OPTION,
    { ...HOST, conflicts: ['rollback'] },
  ],
  module: 'gpu-vfio',
  examples: [
    { command: 'janus bind --list', summary: 'what there is' },
    { command: 'janus bind --device 0000:03:00.0 0000:03:00.1', summary: 'the plan for a card and its audio function' },
    { command: 'sudo janus bind --device 0000:03:00.0 --apply', summary: 'the same for real' },
    { command: 'sudo janus bind --rollback', summary: 'as it was before' },
  ],
  implementation: 'bind',
}
