import type { UndoChange } from '../contract/change.js'

/** A change in a few words, for messages and logs: the write itself, not why. Holds untrusted text. */
export function describeChange(change: UndoChange): string {
  switch (change.kind) {
    case 'write-attribute':
      return `write ${JSON.stringify(change.value)} to ${change.path}`
    case 'write-file':
      return `write the file ${change.path}`
    case 'write-link':
      return `link ${change.path} to ${change.target}`
    case 'remove-file':
      return `remove ${change.path}`
    case 'create-directory':
      return `create the directory ${change.path}`
    case 'remove-directory':
      return change.tasksTo === undefined
        ? `remove the directory ${change.path}`
        : `move the tasks in ${change.path} to ${change.tasksTo} and remove it`
    case 'load-kernel-module':
      return `load the kernel module ${change.name}`
    case 'unload-kernel-module':
      return `unload the kernel module ${change.name}`
    case 'run-command':
      return `run ${[change.command, ...change.args].map((word) => JSON.stringify(word)).join(' ')}`
  }
}
