import { readFileSync } from 'node:fs'
import type { HandAnswer, HandContent, HandOrder } from '../../contract/hand.js'
import type { KernelAnswer, Operation } from '../file-tree/tree-node.js'
import {
  createDirectory,
  readAttribute,
  removeDirectory,
  removeFile,
  writeAttribute,
  writeFile,
  writeLink,
} from './file-operations.js'
import { loadModule, unloadModule } from './kernel-modules.js'
import type { KernelState } from './kernel-state.js'

/** What a command does in the model: an answer, after whatever it changed. */
export type CommandHandler = (order: Extract<HandOrder, { kind: 'run-command' }>) => HandAnswer

/** One order to a hand as work of the kernel. */
export function* performOrder(
  kernel: KernelState,
  order: HandOrder,
  commands: ReadonlyMap<string, CommandHandler>,
): Operation<HandAnswer> {
  const { tree } = kernel
  switch (order.kind) {
    case 'write-attribute':
      return answered(yield* writeAttribute(tree, order.path, order.value))
    case 'read-attribute': {
      const reading = yield* readAttribute(tree, order.path)
      return 'value' in reading ? { outcome: 'done', value: reading.value } : answered(reading.errno)
    }
    case 'write-file':
      return answered(writeFile(tree, order.path, contentOf(order), order.mode, order))
    case 'write-link':
      return answered(writeLink(tree, order.path, order.target))
    case 'remove-file':
      return answered(removeFile(tree, order.path))
    case 'create-directory':
      return answered(createDirectory(tree, order.path, order.mode, order))
    case 'remove-directory': {
      const answer = removeDirectory(tree, order.path)
      if (answer !== 'EBUSY' || order.tasksTo === undefined) return answered(answer)
      const tasks = yield* readAttribute(tree, `${order.path}/cgroup.procs`)
      const pids = 'value' in tasks ? tasks.value.split('\n').filter(Boolean) : []
      for (const pid of pids) yield* writeAttribute(tree, `${order.tasksTo}/cgroup.procs`, pid)
      return answered(removeDirectory(tree, order.path))
    }
    case 'load-kernel-module':
      return exited('modprobe', yield* loadModule(kernel, order.name, order.parameters))
    case 'unload-kernel-module':
      return exited('rmmod', yield* unloadModule(kernel, order.name, false))
    case 'run-command':
      return commands.get(order.command)?.(order) ?? answered('ENOENT')
  }
}

/** Saved bytes lie in the store of the state directory, which is a real one. */
function contentOf(content: HandContent): Buffer {
  return 'stored' in content ? readFileSync(content.stored) : Buffer.from(content.base64, 'base64')
}

function answered(answer: KernelAnswer): HandAnswer {
  return answer === 'ok' ? { outcome: 'done' } : { outcome: 'failed', errno: answer, message: answer }
}

/** The hand runs kmod's programs, so it learns an exit code instead of an errno. */
function exited(program: string, answer: KernelAnswer): HandAnswer {
  if (answer === 'ok') return { outcome: 'done' }
  return { outcome: 'failed', errno: 'EEXIT', message: `${program} ended with exit code 1: ${answer}` }
}
