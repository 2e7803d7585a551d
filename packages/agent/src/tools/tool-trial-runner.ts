import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ToolTrial, ToolTrialRequest, WorkspaceFiles } from '@janus/core/testing'
import type { RunEnd, RunSandbox } from '../contract/run.js'
import type { ToolEntry } from '../contract/tool-entry.js'
import type { ExecutionLimits } from '../contract/warrant.js'
import { resolveBinary } from '../warrant/resolve-binary.js'
import { checkToolAction } from './check-tool-action.js'

/** What tools are tried with. */
export interface ToolTrialOptions {
  /** One whose self-test has passed. */
  readonly sandbox: RunSandbox
  /** Bounds of one run. */
  readonly limits: ExecutionLimits
  /** A domain that nobody answers for: with it a tool is given a network that notes what it asks for. Default: it is given none, and nothing is noted. */
  readonly noteNetwork?: string
}

const MOST_FILES = 4096
const MOST_FILE_BYTES = 16 * 1024 * 1024

/**
 * Runs a tool for `runToolConformance` of `@janus/core/testing` as the agent would run it: held to its grammar, in the sandbox, in a workspace of its own.
 * @param entry the tool, see `toolRegistry`
 */
export function toolTrialRunner(
  entry: ToolEntry,
  { sandbox, limits, noteNetwork }: ToolTrialOptions,
): (tool: unknown, request: ToolTrialRequest) => Promise<ToolTrial> {
  return async (_tool, { what, args, kwargs, files }) => {
    const command = what === 'probe' ? probeOf(entry, args) : commandOf(entry, args, kwargs)
    if ('refused' in command) return { ...command, exitCode: undefined, output: '', files, outside: [], hosts: [] }
    const end = await sandbox.run({
      id: `trial-${randomBytes(8).toString('hex')}`,
      program: (await resolveBinary(command.program)).path,
      argv: command.argv,
      environment: entry.environment ?? {},
      limits,
      network: noteNetwork === undefined ? [] : [noteNetwork],
      readOnly: (entry.shown ?? []).map((source) => ({ source })),
      files,
      ...(entry.working_directory === undefined ? {} : { cwd: entry.working_directory }),
    })
    return trialOf(end)
  }
}

function probeOf({ manifest }: ToolEntry, args: readonly string[]) {
  const [program = '', ...first] = manifest.probe ?? []
  return { program, argv: [...first, ...args] }
}

function commandOf(entry: ToolEntry, args: readonly string[], kwargs: ToolTrialRequest['kwargs']) {
  const checked = checkToolAction({ kind: 'tool', tool: entry.name, args, kwargs, network: [] }, entry)
  return checked.ok ? checked : { refused: `${checked.refusal.argument} ${checked.refusal.because}` }
}

/** Outside of its workspace the sandbox lets it write nothing that would be there afterwards. */
async function trialOf(end: RunEnd): Promise<ToolTrial> {
  const output = `${end.stdout.text}${end.stderr.text}${end.ending === 'exited' ? '' : end.summary}`
  try {
    return {
      exitCode: end.exitCode,
      output,
      files: await filesIn(end.workspace),
      outside: [],
      hosts: end.network.map(({ host }) => host),
    }
  } finally {
    await rm(end.workspace, { recursive: true, force: true })
  }
}

/** What the sandbox kept is regular files and directories of our own; it is read as if it were not. */
async function filesIn(directory: string): Promise<WorkspaceFiles> {
  const files: Record<string, Uint8Array> = {}
  const pending = ['']
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const each of await readdir(join(directory, next), { withFileTypes: true })) {
      const path = next === '' ? each.name : `${next}/${each.name}`
      if (each.isDirectory()) pending.push(path)
      if (!each.isFile() || Object.keys(files).length === MOST_FILES) continue
      const handle = await open(join(directory, path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
      try {
        files[path] = await head(handle)
      } finally {
        await handle.close()
      }
    }
  }
  return files
}

async function head(handle: FileHandle): Promise<Uint8Array> {
  const { size } = await handle.stat()
  const bytes = Buffer.alloc(Math.min(size, MOST_FILE_BYTES))
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0)
  return bytes.subarray(0, bytesRead)
}
