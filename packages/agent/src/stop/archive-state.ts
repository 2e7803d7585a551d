import { chmod, copyFile, cp, mkdir, rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { errnoOf, writeFileDurably } from '@janus/core/state'
import type { AgentRecord } from '../record/agent-record.js'

/** What is put aside. */
export interface ArchiveOptions {
  readonly stateDirectory: string
  readonly recordDirectory: string
  readonly record: AgentRecord
  /** The view of what waits; absolute. */
  readonly approvalQueue: string
  /** Directory of the workspaces; absolute. */
  readonly workspaces: string
  /** Goes into names: the time, without colons. */
  readonly stamp: string
}

/** Where everything went. */
export interface Archive {
  readonly directory: string
  /** Undefined: there were none. */
  readonly workspaces: string | undefined
  readonly approvalQueue: string | undefined
  /** The record as it was copied: its last event and its hash. */
  readonly head: { readonly seq: number; readonly hash: string }
}

const MODE = 0o700
const FILE_MODE = 0o600

/** Where {@link archiveState} puts things, for a dry run. */
export function archivePlaces({ stateDirectory, workspaces, stamp }: Omit<ArchiveOptions, 'record'>): {
  readonly directory: string
  readonly workspaces: string
} {
  return { directory: join(stateDirectory, 'archive', stamp), workspaces: `${workspaces}.archived-${stamp}` }
}

/**
 * Puts the state of an agent aside, and deletes nothing: the record and the view of what waits are copied, the workspaces get another name beside the old one.
 * @throws the errno error of what could not be copied
 */
export async function archiveState(options: ArchiveOptions): Promise<Archive> {
  const { recordDirectory, record, approvalQueue, workspaces } = options
  const places = archivePlaces(options)
  const { directory } = places
  await mkdir(directory, { recursive: true, mode: MODE })
  await chmod(directory, MODE)
  const head = record.durable
  await cp(recordDirectory, join(directory, 'record'), { recursive: true, errorOnExist: true, force: false })
  const queue = join(directory, basename(approvalQueue))
  const hasQueue = await unlessAbsent(() => copyFile(approvalQueue, queue))
  const hasWorkspaces = await unlessAbsent(() => rename(workspaces, places.workspaces))
  const text = `${JSON.stringify({ recordId: record.state.recordId, ...head })}\n`
  await writeFileDurably(join(directory, 'head.json'), Buffer.from(text), { mode: FILE_MODE })
  return {
    directory,
    head,
    approvalQueue: hasQueue ? queue : undefined,
    workspaces: hasWorkspaces ? places.workspaces : undefined,
  }
}

async function unlessAbsent(work: () => Promise<void>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false
    throw error
  }
}
