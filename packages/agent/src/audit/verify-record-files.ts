import { isJanusError } from '@janus/core'
import {
  type CheckpointProblem,
  type LedgerRecord,
  parseCheckpoint,
  parsePublicKey,
  readCheckpoints,
  readSegments,
  type SegmentedVerification,
  verifySegmentedLedger,
} from '@janus/core/ledger'
import type { AgentEvents, RecordedEvent } from '../record/agent-event.js'
import { isAgentEventType } from '../record/fold/fold-event.js'
import { checkSignatures } from './check-signatures.js'

/** What a record is verified with. */
export interface VerifyRecordFilesOptions {
  /** Directory of the record's files; absolute. */
  readonly directory: string
  /** Files of checkpoints, see `signRecordCheckpoint`; absolute. None: what was cut off at the end or written anew as a whole is not found. */
  readonly checkpoints?: readonly string[]
  /** Keys that are trusted, `<name>+<key id>+<base64>` each, from anywhere but beside the record. */
  readonly publicKeys?: readonly string[]
}

/** What verifying the files of a record found. */
export interface RecordFilesVerification {
  /** Nothing is damaged, cut off, rewritten or unknown, as far as that can be told from what was given. */
  readonly intact: boolean
  readonly recordId: string | null
  readonly vesselId: string | null
  /** Intact lines that are held. */
  readonly records: number
  readonly firstSeq: number
  readonly lastSeq: number
  readonly lastHash: string
  /** Everything up to this event is what somebody signed; 0 when nothing is. What comes later is chained to it and no more. */
  readonly confirmedUpTo: number
  /** Checkpoints that were found and how many of them fit. */
  readonly checkpoints: { readonly found: number; readonly confirmed: number }
  /** What is wrong, each in one sentence; holds text of the files. */
  readonly problems: readonly RecordProblem[]
  /** What is not wrong and should be known: an unfinished end, what has expired. */
  readonly remarks: readonly string[]
}

/** Something that is wrong with the files of a record. */
export interface RecordProblem {
  /**
   * `damaged`: a line is not what was written. `removed`: its beginning is not there. `foreign`: an event of a type that is not known. `signature`: somebody did not sign what the record says they did. `truncated`, `rewritten`: the record is not what a checkpoint is of.
   * `checkpoint-missing`: the record says that one was signed, and no file has it. `unconfirmed`: no checkpoint confirms what is held. The others: a
   * checkpoint that is not to be believed.
   */
  readonly reason: 'damaged' | 'removed' | 'foreign' | 'signature' | 'checkpoint-missing' | CheckpointProblem['reason']
  readonly detail: string
}

/** Enough to know what is going on. */
const MOST_PROBLEMS = 20

/**
 * Verifies a record from nothing but its files and the public keys that are trusted: takes no lock and writes nothing, so a copy on any machine will do. What is
 * wrong is an answer here, not an error.
 * @throws JANUS_NOTE_KEY_INVALID for a public key that is none; JANUS_NOTE_INVALID for a file of checkpoints that is not text; JANUS_STATE_DENIED; JANUS_STATE_UNSAFE
 */
export async function verifyRecordFiles(options: VerifyRecordFilesOptions): Promise<RecordFilesVerification> {
  const { directory, checkpoints: paths = [], publicKeys = [] } = options
  for (const publicKey of publicKeys) parsePublicKey(publicKey)
  const checkpoints = await readNotes(paths)
  const found = await verifySegmentedLedger(directory, { checkpoints, publicKeys })
  const read = await readEvents(directory, found)
  const problems = [
    ...damageOf(found),
    ...removedFrom(found),
    ...read.problems,
    ...(found.checkpoints?.problems ?? []).map(({ reason, detail }) => ({ reason, detail })),
    ...(paths.length === 0 ? [] : missing(checkpoints, read.signed, found)),
  ]
  return {
    intact: problems.length === 0,
    recordId: read.created?.recordId ?? null,
    vesselId: read.created?.vesselId ?? null,
    records: found.records,
    firstSeq: found.firstSeq,
    lastSeq: found.lastSeq,
    lastHash: found.lastHash,
    confirmedUpTo: found.checkpoints?.newest?.size ?? 0,
    checkpoints: { found: checkpoints.length, confirmed: found.checkpoints?.confirmed ?? 0 },
    problems,
    remarks: remarksOn(found),
  }
}

/** The notes of all files, each once, by size: several places have the same ones. What cannot be read comes last, and is told of there. */
async function readNotes(paths: readonly string[]): Promise<readonly string[]> {
  const notes = new Set<string>()
  for (const path of paths) for (const note of (await readCheckpoints(path)).notes) notes.add(note)
  return [...notes].sort((one, other) => sizeOf(one) - sizeOf(other))
}

function sizeOf(note: string): number {
  try {
    return parseCheckpoint(note).size
  } catch (error) {
    if (isJanusError(error)) return Number.MAX_SAFE_INTEGER
    throw error
  }
}

interface EventsRead {
  readonly created: AgentEvents['record-created'] | undefined
  /** The newest checkpoint that the record speaks of. */
  readonly signed: AgentEvents['checkpoint-signed'] | undefined
  /** Events that are not known, or not signed. */
  readonly problems: readonly RecordProblem[]
}

async function readEvents(directory: string, { damage }: SegmentedVerification): Promise<EventsRead> {
  let created: EventsRead['created']
  let signed: EventsRead['signed']
  const problems: RecordProblem[] = []
  const signatures = checkSignatures()
  const tell = (reason: RecordProblem['reason'], detail: string): void => {
    if (problems.length < MOST_PROBLEMS) problems.push({ reason, detail })
  }
  const take = ({ seq, ts, type, payload }: LedgerRecord): void => {
    if (type.startsWith('ledger-')) return
    if (!isAgentEventType(type)) {
      tell('foreign', `event ${seq} is of the type ${JSON.stringify(type)}, which this version does not know`)
      return
    }
    const wrong = signatures.next({ seq, at: ts, type, payload } as unknown as RecordedEvent)
    if (wrong !== undefined) tell('signature', `event ${seq}: ${wrong}`)
    if (type === 'record-created') created ??= payload as unknown as AgentEvents['record-created']
    if (type === 'checkpoint-signed') signed = payload as unknown as AgentEvents['checkpoint-signed']
  }
  try {
    for await (const record of readSegments(directory)) take(record)
  } catch (error) {
    // The damage was found by the verification, and is told of already.
    if (damage === undefined || !isJanusError(error) || error.code !== 'JANUS_LEDGER_DAMAGED') throw error
  }
  return { created, signed, problems }
}

function damageOf({ damage }: SegmentedVerification): readonly RecordProblem[] {
  if (damage === undefined) return []
  const { segment, line, offset, reason } = damage
  return [{ reason: 'damaged', detail: `segment ${segment}, line ${line}, byte ${offset}: ${reason}` }]
}

/** A ledger may let its oldest records expire; a record of an agent does not, so whoever wrote that removed them. */
function removedFrom({ firstSeq }: SegmentedVerification): readonly RecordProblem[] {
  if (firstSeq === 1) return []
  return [{ reason: 'removed', detail: `the record begins with event ${firstSeq}: nothing removes events from it` }]
}

/** Whoever can write the record can remove the file of checkpoints too; the record itself still tells of them. */
function missing(
  checkpoints: readonly string[],
  signed: AgentEvents['checkpoint-signed'] | undefined,
  { checkpoints: verdict, lastSeq }: SegmentedVerification,
): readonly RecordProblem[] {
  const problems: RecordProblem[] = []
  const isThere = signed === undefined || checkpoints.some((note) => sizeOf(note) === signed.size)
  if (!isThere) {
    const detail = `the record says that a checkpoint of ${signed.size} events was signed, and no file has it`
    problems.push({ reason: 'checkpoint-missing', detail })
  }
  if ((verdict?.confirmed ?? 0) === 0 && (verdict?.problems.length ?? 0) === 0) {
    problems.push({ reason: 'unconfirmed', detail: `no checkpoint confirms any of the ${lastSeq} events` })
  }
  return problems
}

function remarksOn({ torn, expirations, checkpoints, lastSeq }: SegmentedVerification): readonly string[] {
  const remarks: string[] = []
  if (torn !== undefined) {
    remarks.push(`segment ${torn.segment} ends with ${torn.bytes} unfinished bytes, which were never acknowledged`)
  }
  for (const { before, segments } of expirations) {
    remarks.push(`events up to ${segments.at(-1)?.lastSeq} have expired, all from before ${before}`)
  }
  const confirmed = checkpoints?.newest?.size ?? 0
  if (confirmed < lastSeq) {
    const later = confirmed + 1 === lastSeq ? `event ${lastSeq}` : `events ${confirmed + 1} to ${lastSeq}`
    remarks.push(`${later} came after the newest checkpoint: nothing tells whether more were cut off`)
  }
  return remarks
}
