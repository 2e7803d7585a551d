import { randomBytes } from 'node:crypto'
import { EXPIRED_TYPE, GENESIS_HASH, type LedgerRecord } from '@janus/core/ledger'
import type { Clock } from '../contract/clock.js'
import { agentError } from '../errors/agent-error.js'
import type { AgentEvent, RecordedEvent } from './agent-event.js'
import type { AgentState } from './agent-state.js'
import { foldEvent, isAgentEventType } from './fold/fold-event.js'
import { emptyState } from './fold/mutable-state.js'
import type { OpenRecordStore } from './record-store.js'

/** The record of an agent, open for writing by this process alone. */
export interface AgentRecord {
  readonly state: AgentState
  readonly clock: Clock
  /** Digest of the newest event. */
  readonly lastHash: string
  /** The newest line that is on the disk, {@link GENESIS_HASH} at 0 before the first. */
  readonly durable: { readonly seq: number; readonly hash: string }
  /**
   * Decides on the state as it is this instant, and records what was decided. Nothing can come between: whoever is second sees what the first decided.
   * @param decide computes events and an answer, or throws; it must not wait
   * @returns the answer, once the events are durable. What `decide` throws is thrown once everything it may have seen is durable.
   * @throws JANUS_LEDGER_WRITE_FAILED: nothing was decided, and this record takes nothing more; JANUS_AGENT_REQUEST_INVALID: the events are
   * more than 16 MiB, nothing was decided
   */
  commit<Answer>(decide: (state: AgentState) => Commit<Answer>): Promise<Answer>
  /** Every event there ever was, in order, as far as it has not expired: for questions about what the state has forgotten. */
  history(fromSeq?: number): AsyncIterable<RecordedEvent>
  /** The same, as they stand in the ledger with their hashes. */
  lines(fromSeq?: number): AsyncIterable<LedgerRecord>
  /** Calls back for every event once it is durable; what the listener throws is thrown for nobody to catch. Returns what ends that. */
  watch(listener: (event: RecordedEvent) => void): () => void
  close(): Promise<void>
}

/** What a decision records and answers. */
export interface Commit<Answer> {
  readonly events: readonly AgentEvent[]
  readonly answer: Answer
}

/** A ledger takes 16 MiB in one step; of that each record needs some for itself. */
const MOST_BYTES = 16 * 1024 * 1024
const OVERHEAD_BYTES = 512

/** How a record is opened. */
export interface OpenAgentRecordOptions {
  readonly vesselId: string
  readonly clock: Clock
  readonly openStore: OpenRecordStore
  /** Only to be read: an empty record stays empty. Default: false. */
  readonly readOnly?: boolean
}

/**
 * Opens the record of an agent and adds up what it holds; creates it when there is none.
 * @throws JANUS_AGENT_RECORD_FOREIGN for an event of a type that is not known, and when its beginning is not there; what the store throws
 */
export async function openAgentRecord(options: OpenAgentRecordOptions): Promise<AgentRecord> {
  const { vesselId, clock, openStore, readOnly = false } = options
  const state = emptyState()
  let durable = { seq: 0, hash: GENESIS_HASH }
  const store = await openStore((record) => {
    if (record.type === EXPIRED_TYPE) throw foreign(record, 'it says that events before it have expired')
    durable = { seq: record.seq, hash: record.hash }
    const event = recordedEvent(record)
    if (event === undefined) return
    requireBeginning(state.recordId, event)
    foldEvent(state, event)
  })
  const listeners = new Set<(event: RecordedEvent) => void>()
  let last: Promise<unknown> = Promise.resolve()

  let failure: unknown

  const append = async (given: readonly AgentEvent[]): Promise<void> => {
    if (given.length === 0) return
    if (readOnly) throw agentError('JANUS_AGENT_NOT_PERMITTED', 'the record was opened to be read')
    // The state is ahead of the files now: nothing more is decided on it.
    if (failure !== undefined) throw failure
    const events = copyOf(given)
    const at = clock.now()
    const first = store.lastSeq + 1
    const written = store.append(events, at)
    last = written.catch((error: unknown) => {
      failure ??= error
    })
    const recorded = events.map(
      (event, index) => ({ ...event, seq: first + index, at: at.toISOString() }) as RecordedEvent,
    )
    for (const event of recorded) foldEvent(state, event)
    const newest = (await written).at(-1)
    if (newest !== undefined && newest.seq > durable.seq) durable = { seq: newest.seq, hash: newest.hash }
    for (const event of recorded) for (const listener of listeners) tell(listener, event)
  }

  const record: AgentRecord = {
    state,
    clock,
    get lastHash() {
      return store.lastHash
    },
    commit: async (decide) => {
      let commit: ReturnType<typeof decide>
      try {
        commit = decide(state)
      } catch (error) {
        await last
        // What was decided on was never recorded.
        throw failure ?? error
      }
      if (commit.events.length === 0) {
        await last
        if (failure !== undefined) throw failure
      }
      await append(commit.events)
      return commit.answer
    },
    get durable() {
      return durable
    },
    lines: (fromSeq) => store.read(fromSeq),
    history: async function* (fromSeq) {
      for await (const line of store.read(fromSeq)) {
        const event = recordedEvent(line)
        if (event !== undefined) yield event
      }
    },
    watch: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () => store.close(),
  }
  try {
    if (state.recordId === '' && !readOnly) await append([recordCreated(vesselId)])
    return record
  } catch (error) {
    await store.close()
    throw error
  }
}

/** The events as the files would give them back, shared with nobody who could alter them later. */
function copyOf(events: readonly AgentEvent[]): readonly AgentEvent[] {
  const text = JSON.stringify(events)
  const bytes = Buffer.byteLength(text) + events.length * OVERHEAD_BYTES
  if (bytes > MOST_BYTES) {
    throw agentError(
      'JANUS_AGENT_REQUEST_INVALID',
      `what is to be recorded has ${bytes} bytes, more than ${MOST_BYTES}`,
    )
  }
  return JSON.parse(text) as readonly AgentEvent[]
}

/** The event is durable, whatever a listener makes of it: its failure is its own, and loud. */
function tell(listener: (event: RecordedEvent) => void, event: RecordedEvent): void {
  try {
    listener(event)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}

/**
 * Reads a line of the ledger as an event of the agent; undefined for the ledger's own.
 * @throws JANUS_AGENT_RECORD_FOREIGN
 */
export function recordedEvent({ seq, ts, type, payload }: LedgerRecord): RecordedEvent | undefined {
  if (type.startsWith('ledger-')) return undefined
  if (!isAgentEventType(type)) {
    throw agentError(
      'JANUS_AGENT_RECORD_FOREIGN',
      `event ${seq} of the record is of the type ${JSON.stringify(type)}`,
      {
        data: { seq, type },
      },
    )
  }
  return { seq, at: ts, type, payload } as unknown as RecordedEvent
}

/** A record begins with its creation, once: without it the mode, the keys and the rules it had would be those of a new one. */
function requireBeginning(recordId: string, { seq, type }: RecordedEvent): void {
  if ((recordId === '') === (type === 'record-created')) return
  throw foreign({ seq, type }, recordId === '' ? 'its beginning is gone' : 'it begins there a second time')
}

function foreign({ seq, type }: Pick<LedgerRecord, 'seq' | 'type'>, problem: string): Error {
  return agentError('JANUS_AGENT_RECORD_FOREIGN', `the record cannot have event ${seq}: ${problem}`, {
    remedy: 'Nothing removes events from a record: put it back from a copy. Verify both: janus agent audit verify',
    data: { seq, type },
  })
}

function recordCreated(vesselId: string): AgentEvent {
  return { type: 'record-created', payload: { recordId: randomBytes(16).toString('hex'), vesselId } }
}
