export { canonicalDigest, canonicalJson, sha256Hex } from './canonical-json.js'
export type { CheckpointProblem, CheckpointQuestion, CheckpointVerdict } from './check-checkpoints.js'
export {
  type Checkpoint,
  parseCheckpoint,
  signCheckpoint,
  type VerifiedCheckpoint,
  type VerifyCheckpointOptions,
  verifyCheckpoint,
} from './checkpoint.js'
export {
  type AppendCheckpointOptions,
  appendCheckpoint,
  type CheckpointFile,
  readCheckpoints,
} from './checkpoint-file.js'
export type { ExpiredPayload, ExpiredSegment } from './expired-payload.js'
export type { NewRecord } from './group-commit.js'
export type { PrunedPayload } from './ledger-chain.js'
export {
  EXPIRED_TYPE,
  GENESIS_HASH,
  type LedgerOrigin,
  type LedgerRecord,
  PRUNED_TYPE,
  REPAIRED_TYPE,
} from './ledger-record.js'
export { createNoteKeyFile, readNoteKeyFile } from './note-key-file.js'
export {
  createNoteSigner,
  generateNoteKey,
  type NoteKeyPair,
  type NoteSigner,
  type NoteVerifier,
  parsePublicKey,
} from './note-keys.js'
export { type Ledger, type OpenLedgerOptions, openLedger } from './open-ledger.js'
export { openSegmentedLedger } from './open-segmented-ledger.js'
export { type LedgerVerification, readLedger, readRecords, verifyLedger } from './read-ledger.js'
export { type RewriteLedgerOptions, type RewriteResult, rewriteLedger } from './rewrite-ledger.js'
export type { LedgerDamage, LedgerTorn } from './scan-ledger.js'
export type { SegmentDamage, SegmentTorn } from './scan-segments.js'
export type { LedgerHead } from './segment-chain.js'
export {
  createSegmentReader,
  type LedgerPosition,
  type ReadSegmentsOptions,
  readSegments,
  type SegmentReader,
} from './segment-reader.js'
export type { AppendOptions, OpenSegmentedLedgerOptions, SegmentedLedger } from './segmented-ledger.js'
export {
  type NoteProblem,
  type NoteSignature,
  parseNote,
  type SignedNote,
  signNote,
  type VerifiedNote,
  verifyNote,
} from './signed-note.js'
export { type SegmentedVerification, verifySegmentedLedger } from './verify-segmented-ledger.js'
