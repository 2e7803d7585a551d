import { access, constants } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type FileSystemSources, prepareStateDirectory, requireLocalFileSystem } from '@janus/core/state'
import type { Clock } from '../contract/clock.js'
import { agentError } from '../errors/agent-error.js'
import { type AgentRecord, openAgentRecord } from '../record/agent-record.js'
import { findRegression, writeHighWaterMark } from '../record/high-water-mark.js'
import { ledgerRecordStore } from '../record/ledger-record-store.js'
import { identifyPlace, locateRecord } from '../record/locate-record.js'
import { readOnlyRecordStore } from '../record/read-only-record-store.js'

/** Where the record of this machine lies and how it is opened. */
export interface OpenLocalRecordOptions {
  /** Absolute path; created when absent. */
  readonly stateDirectory: string
  readonly vesselId: string
  readonly clock: Clock
  /** What this process does with it, told to whoever finds it open. */
  readonly purpose: string
  /** Where the mark of how far it has come is kept; see `writeHighWaterMark`. Default: beside the state directory, in it where that may not be written. */
  readonly markPath?: string
  /** What tells on which file system it lies. Default: the kernel. */
  readonly fileSystem?: FileSystemSources
}

/** The record of this machine, open. */
export interface LocalRecord {
  readonly record: AgentRecord
  /** Directory of its files. */
  readonly directory: string
  readonly markPath: string
  /** Identifies where it lies. */
  readonly anchor: string
  /** Why it must not be worked on; undefined when it may. */
  readonly frozen: string | undefined
}

/**
 * Opens the record of this machine as its only writer, and looks whether it is the one that was left here: not a copy, not an older backup.
 * @throws JANUS_STATE_LOCKED while another process has it open; JANUS_STATE_REMOTE on a file system of the network; JANUS_LEDGER_DAMAGED; JANUS_STATE_UNSAFE; JANUS_STATE_DENIED; JANUS_AGENT_RECORD_FOREIGN, also for
 * the record of another vessel
 */
export async function openLocalRecord(options: OpenLocalRecordOptions): Promise<LocalRecord> {
  const { stateDirectory, vesselId, clock, purpose } = options
  const directory = recordDirectory(stateDirectory)
  await prepareStateDirectory(stateDirectory, { uid: process.geteuid?.() ?? 0 })
  await requireLocalFileSystem(stateDirectory, options.fileSystem)
  const markPath = options.markPath ?? (await defaultMarkPath(stateDirectory))
  const openStore = ledgerRecordStore(directory, { purpose, now: () => clock.now() })
  const record = await openAgentRecord({ vesselId, clock, openStore })
  try {
    requireVessel(record, directory, vesselId)
    const anchor = await locateRecord(stateDirectory)
    const frozen = (await findRegression(markPath, record)) ?? misplaced(record, anchor)
    if (frozen === undefined && record.state.anchor === undefined)
      await anchorRecord(record, anchor, 'it was made here')
    return { record, directory, markPath, anchor, frozen }
  } catch (error) {
    await record.close()
    throw error
  }
}

/** Beside the state directory where it is already or may be made, so that it is not put back together with it. */
async function defaultMarkPath(stateDirectory: string): Promise<string> {
  const beside = `${stateDirectory}.mark`
  const canBe = async (path: string, mode: number): Promise<boolean> =>
    access(path, mode).then(
      () => true,
      () => false,
    )
  const isBeside = (await canBe(beside, constants.F_OK)) || (await canBe(dirname(stateDirectory), constants.W_OK))
  return isBeside ? beside : join(stateDirectory, 'mark')
}

/** Where the files of the record lie in a state directory. */
export function recordDirectory(stateDirectory: string): string {
  return join(stateDirectory, 'record')
}

/** Notes in the record where it lies. */
export function anchorRecord(record: AgentRecord, anchor: string, because: string): Promise<void> {
  const by = { kind: 'system', name: 'agent' } as const
  return record.commit(() => ({
    events: [{ type: 'record-anchored', payload: { anchor, by, because } }],
    answer: undefined,
  }))
}

/** Notes how far a record has come; one that is frozen notes nothing. */
export async function markRecord({ record, markPath, frozen }: LocalRecord): Promise<void> {
  if (frozen === undefined) await writeHighWaterMark(markPath, record)
}

/**
 * Opens the record of this machine to be read, beside whoever writes it: takes no lock, writes nothing, and creates nothing. An absent record is an empty one.
 * @throws JANUS_LEDGER_DAMAGED; JANUS_STATE_UNSAFE; JANUS_STATE_DENIED; JANUS_AGENT_RECORD_FOREIGN
 */
export async function openLocalRecordToRead(options: OpenLocalRecordOptions): Promise<LocalRecord> {
  const { stateDirectory, vesselId, clock } = options
  const directory = recordDirectory(stateDirectory)
  const markPath = options.markPath ?? (await defaultMarkPath(stateDirectory))
  const record = await openAgentRecord({ vesselId, clock, openStore: readOnlyRecordStore(directory), readOnly: true })
  const anchor = await identifyPlace(stateDirectory).catch(() => '')
  const frozen = (await findRegression(markPath, record)) ?? misplaced(record, anchor)
  return { record, directory, markPath, anchor, frozen }
}

/** Another vessel has other rules: what was asked under the one is not decided under those of the other. */
function requireVessel({ state }: AgentRecord, directory: string, vesselId: string): void {
  if (state.vesselId === vesselId) return
  throw agentError(
    'JANUS_AGENT_RECORD_FOREIGN',
    `${directory} is the record of ${state.vesselId}, not of ${vesselId}`,
    {
      remedy: 'Name the configuration that has its vessel_id (--config), or another state directory.',
      data: { path: directory, found: state.vesselId, configured: vesselId },
    },
  )
}

function misplaced({ state }: AgentRecord, anchor: string): string | undefined {
  if (state.anchor === undefined || state.anchor === anchor) return undefined
  return 'it was copied here, or put back from a backup'
}
