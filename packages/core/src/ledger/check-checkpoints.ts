import { isJanusError } from '../errors/janus-error.js'
import { type VerifiedCheckpoint, verifyCheckpoint } from './checkpoint.js'
import type { ExpiredPayload } from './expired-payload.js'
import { GENESIS_HASH, type LedgerRecord } from './ledger-record.js'
import type { NoteProblem } from './signed-note.js'

/** What checkpoints a ledger is held against. */
export interface CheckpointQuestion {
  /** Signed notes, in the order they were signed in. */
  readonly checkpoints: readonly string[]
  /** Keys that are trusted, `<name>+<key id>+<base64>` each. */
  readonly publicKeys: readonly string[]
  /** The ledger they must be of. Default: the one that has the name of the key that signed. */
  readonly origin?: string
}

/** What is wrong with a checkpoint, or with the ledger that it is of. */
export interface CheckpointProblem {
  /** Place of the checkpoint in the order given, from 0. */
  readonly index: number
  /**
   * `malformed`, `unknown-key`, `bad-signature`, `wrong-origin`: the note itself. `out-of-order`: an earlier one is of more records, or of as many with another
   * hash. `truncated`: the ledger has fewer records. `rewritten`: its record of that number has another hash. `unconfirmed`: it is the newest one, and
   * the records it is of have expired, so that nothing confirms those that are held.
   */
  readonly reason: NoteProblem | 'out-of-order' | 'truncated' | 'rewritten' | 'unconfirmed'
  readonly detail: string
}

/** How a ledger and its checkpoints fit. */
export interface CheckpointVerdict {
  /** Checkpoints whose record is held, with their hash. All held records up to the newest of them are what they were when it was signed. */
  readonly confirmed: number
  /** Checkpoints that are signed, but whose records have expired: what the ledger says of those confirms none that is held. */
  readonly expired: number
  readonly newest?: VerifiedCheckpoint
  readonly problems: readonly CheckpointProblem[]
}

/** Holds a ledger against checkpoints while it is read. */
export interface CheckpointCheck {
  /** Takes the next records. */
  take(records: readonly LedgerRecord[]): void
  /**
   * Tells how it went.
   * @param lastSeq the last record of the ledger; undefined when it could not be read to its end
   */
  finish(lastSeq: number | undefined, expirations: readonly ExpiredPayload[]): CheckpointVerdict
}

/** Hashes of records by their sequence number: of those that are held, and of those that are only spoken of. */
interface Hashes {
  readonly held: ReadonlyMap<number, string>
  readonly told: ReadonlyMap<number, string>
}

interface Candidate {
  readonly index: number
  readonly checkpoint: VerifiedCheckpoint
}

/**
 * Verifies checkpoints and prepares to hold a ledger against them.
 * @throws JANUS_NOTE_KEY_INVALID
 */
export function createCheckpointCheck(question: CheckpointQuestion): CheckpointCheck {
  const problems: CheckpointProblem[] = []
  const candidates = inOrder(signedOnes(question, problems), problems)
  const held = new Map<number, string>()
  const told = new Map<number, string>()
  const sizes = [...new Set(candidates.map(({ checkpoint }) => checkpoint.size))]
  let next = 0
  return {
    take: (records) => {
      const [first] = records
      if (first === undefined) return
      for (let size = sizes[next]; size !== undefined && size < first.seq + records.length; size = sizes[next]) {
        const hash = records[size - first.seq]?.hash
        if (hash !== undefined) held.set(size, hash)
        else if (size === first.seq - 1) (size === 0 ? held : told).set(size, first.prevHash)
        next += 1
      }
    },
    finish: (lastSeq, expirations) => {
      for (const { segments } of expirations) for (const gone of segments) told.set(gone.lastSeq, gone.lastHash)
      if (lastSeq === 0) held.set(0, GENESIS_HASH)
      return verdict(candidates, { hashes: { held, told }, lastSeq, problems })
    },
  }
}

function verdict(
  candidates: readonly Candidate[],
  {
    hashes,
    lastSeq = Number.POSITIVE_INFINITY,
    problems: before,
  }: {
    readonly hashes: Hashes
    readonly lastSeq: number | undefined
    readonly problems: readonly CheckpointProblem[]
  },
): CheckpointVerdict {
  const problems = [...before]
  let confirmed = 0
  let expired = 0
  let newest: VerifiedCheckpoint | undefined
  for (const [place, { index, checkpoint }] of candidates.entries()) {
    const { size, hash } = checkpoint
    const found = hashes.held.get(size)
    const known = found ?? hashes.told.get(size)
    if (size > lastSeq) {
      problems.push({ index, reason: 'truncated', detail: `it is of ${size} records, the ledger has ${lastSeq}` })
    } else if (known !== undefined && known !== hash) {
      problems.push({ index, reason: 'rewritten', detail: `record ${size} is not the one that was signed` })
    } else if (found !== undefined) {
      confirmed += 1
      newest = checkpoint
    } else if (lastSeq !== Number.POSITIVE_INFINITY) {
      expired += 1
      const detail = `the records up to ${size} have expired, so that it confirms none that is held`
      if (place === candidates.length - 1) problems.push({ index, reason: 'unconfirmed', detail })
    }
  }
  return { confirmed, expired, ...(newest && { newest }), problems: problems.sort((a, b) => a.index - b.index) }
}

function signedOnes(
  { checkpoints, publicKeys, origin }: CheckpointQuestion,
  problems: CheckpointProblem[],
): readonly Candidate[] {
  return checkpoints.flatMap((note, index) => {
    try {
      return [{ index, checkpoint: verifyCheckpoint(note, publicKeys, origin === undefined ? {} : { origin }) }]
    } catch (error) {
      if (!isJanusError(error) || error.code !== 'JANUS_NOTE_INVALID') throw error
      problems.push({ index, reason: error.data.reason as NoteProblem, detail: error.message })
      return []
    }
  })
}

/** Leaves out what goes back behind an earlier one: of two histories that were both signed, the ledger can have only one. */
function inOrder(candidates: readonly Candidate[], problems: CheckpointProblem[]): readonly Candidate[] {
  let last: VerifiedCheckpoint | undefined
  const kept: Candidate[] = []
  for (const candidate of candidates) {
    const { index, checkpoint } = candidate
    if (
      last !== undefined &&
      (checkpoint.size < last.size || (checkpoint.size === last.size && checkpoint.hash !== last.hash))
    ) {
      const detail = `it is of ${checkpoint.size} records, an earlier one of ${last.size}`
      problems.push({ index, reason: 'out-of-order', detail })
      continue
    }
    last = checkpoint
    kept.push(candidate)
  }
  return kept
}
