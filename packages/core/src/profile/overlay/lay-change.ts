import { foreseeCommandLine } from '../../boot/command-line/foresee-command-line.js'
import type { Condition, LoadKernelModule, RunCommand, UndoChange } from '../../contract/change.js'
import type { Host } from '../../contract/host.js'
import { contentBytes } from '../../plan/file-state.js'
import { layAttribute } from './lay-attribute.js'
import type { OverlayNode, OverlayTree } from './overlay-tree.js'

/** Conditions that only a file that is there can meet. */
const PROOFS: ReadonlySet<Condition['kind']> = new Set(['equals', 'contains', 'exists', 'sha256'])

/** What a change is laid on: the tree, and the host as it is with all that is laid so far. */
export interface OverlayBase {
  readonly tree: OverlayTree
  readonly host: Host
}

/** Makes the overlay show what the host will show once the change has been made, as far as the change itself says it. */
export async function layChange(base: OverlayBase, change: UndoChange): Promise<void> {
  const { tree } = base
  switch (change.kind) {
    case 'write-attribute':
      return layAttribute(base, change)
    case 'write-file': {
      // Only an undo names saved bytes.
      if ('saved' in change.content) return tree.put(change.path, { type: 'pending', by: 'program', exists: true })
      const { uid, gid } = change.owner ?? { uid: 0, gid: 0 }
      return tree.put(change.path, { type: 'file', bytes: contentBytes(change.content), mode: change.mode, uid, gid })
    }
    case 'write-link':
      return tree.put(change.path, { type: 'link', target: change.target })
    case 'create-directory': {
      const { uid, gid } = change.owner ?? { uid: 0, gid: 0 }
      return tree.put(change.path, { type: 'directory', mode: change.mode, uid, gid })
    }
    case 'remove-file':
    case 'remove-directory':
      return tree.put(change.path, { type: 'absent' })
    case 'load-kernel-module':
      return layLoad(base, change)
    case 'unload-kernel-module':
      return layUnload(base, change.name)
    case 'run-command':
      return layCommand(base, change)
  }
}

/** What a program makes of its outputs only it knows, but for those whose work on a command line its arguments say. */
async function layCommand({ tree, host }: OverlayBase, change: RunCommand): Promise<void> {
  const foreseen = await foreseeCommandLine(host, change)
  const nodes: [string, OverlayNode][] = []
  for (const path of change.outputs ?? []) {
    const bytes = foreseen.get(path)
    // What is there is rewritten; what is not may stay away, unless the step would have failed then.
    const exists = (await host.exists(path)) || (change.verify ?? []).some((one) => isProofOf(one, path))
    nodes.push([path, bytes === undefined ? { type: 'pending', by: 'program', exists } : { type: 'foreseen', bytes }])
  }
  for (const [path, node] of nodes) await tree.put(path, node)
}

function isProofOf(condition: Condition, path: string): boolean {
  if (condition.path !== path) return false
  if (condition.kind === 'parameter') return condition.value !== null
  return condition.kind === 'archive-member' ? condition.absent !== true : PROOFS.has(condition.kind)
}

/** A module that is loaded has a directory in /sys/module, with its parameters, and a line in /proc/modules. */
async function layLoad({ tree, host }: OverlayBase, { name, parameters = {} }: LoadKernelModule): Promise<void> {
  const kernelName = kernelNameOf(name)
  const directory = `/sys/module/${kernelName}`
  const directoryNode = { type: 'directory', mode: 0o755, uid: 0, gid: 0 } as const
  if (!(await host.exists(directory))) {
    await tree.put(directory, directoryNode)
    await tree.put(`${directory}/initstate`, { type: 'attribute', text: 'live\n' })
    await tree.put(`${directory}/refcnt`, { type: 'attribute', text: '0\n' })
    if (Object.keys(parameters).length > 0) await tree.put(`${directory}/parameters`, directoryNode)
  }
  for (const [parameter, value] of Object.entries(parameters)) {
    await tree.put(`${directory}/parameters/${parameter}`, { type: 'attribute', text: `${value}\n` })
  }
  const lines = await loadedLines(host)
  if (lines === undefined || lines.some((line) => isLineOf(line, kernelName))) return
  const line = `${kernelName} 0 0 - Live 0x0000000000000000`
  await tree.put('/proc/modules', { type: 'attribute', text: [line, ...lines].map((one) => `${one}\n`).join('') })
}

async function layUnload({ tree, host }: OverlayBase, name: string): Promise<void> {
  const kernelName = kernelNameOf(name)
  await tree.put(`/sys/module/${kernelName}`, { type: 'absent' })
  const lines = await loadedLines(host)
  if (lines === undefined) return
  const left = lines.filter((line) => !isLineOf(line, kernelName))
  await tree.put('/proc/modules', { type: 'attribute', text: left.map((one) => `${one}\n`).join('') })
}

async function loadedLines(host: Host): Promise<readonly string[] | undefined> {
  const { value } = await host.readText('/proc/modules')
  return value?.split('\n').filter((line) => line !== '')
}

function isLineOf(line: string, kernelName: string): boolean {
  return line.split(' ', 1)[0] === kernelName
}

function kernelNameOf(name: string): string {
  return name.replaceAll('-', '_')
}
