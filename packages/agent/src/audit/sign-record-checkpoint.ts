import { isAbsolute, join } from 'node:path'
import { appendCheckpoint, type Checkpoint, type NoteSigner, signCheckpoint } from '@janus/core/ledger'
import type { FileOperations } from '@janus/core/state'
import { agentError } from '../errors/agent-error.js'
import type { AgentRecord } from '../record/agent-record.js'

/** Where and with what a checkpoint of the record is signed. */
export interface SignRecordCheckpointOptions {
  /** The record's own key, see `createNoteKeyFile`: its name is the origin of the record. */
  readonly signer: NoteSigner
  /** File of checkpoints in the state directory, see {@link checkpointFile}; absolute. */
  readonly path: string
  /** Another file for the same notes, best on another machine or medium: whoever rewrites the first does not reach it. Absolute. */
  readonly secondPath?: string
  /** System calls, for fault tests. Default: the kernel's. */
  readonly fileOperations?: FileOperations
}

/** A checkpoint that was signed. */
export interface SignedRecordCheckpoint extends Checkpoint {
  /** As it stands in the files. */
  readonly note: string
  readonly keyId: string
}

/** Where the checkpoints of a record lie in a state directory. */
export function checkpointFile(stateDirectory: string): string {
  return join(stateDirectory, 'checkpoints')
}

/**
 * Signs what the record is now, with everything in it that is on the disk: from then on a cut or another record in its place is told from it. The note is
 * durable before the record says that it was signed.
 * @throws JANUS_LEDGER_CONFLICT: a later checkpoint was signed already, so this record is an older copy or another one; JANUS_AGENT_REQUEST_INVALID for a path that is
 * not absolute; JANUS_LEDGER_WRITE_FAILED naming the file: when that is the second one, the checkpoint stands in the first and on the record
 */
export async function signRecordCheckpoint(
  record: AgentRecord,
  options: SignRecordCheckpointOptions,
): Promise<SignedRecordCheckpoint> {
  const { signer, path, secondPath } = options
  for (const place of [path, secondPath ?? path]) requireAbsolute(place)
  const { seq: size, hash } = record.durable
  const checkpoint: Checkpoint = { origin: signer.name, size, hash }
  const note = signCheckpoint(checkpoint, [signer])
  const how = {
    now: () => record.clock.now(),
    ...(options.fileOperations === undefined ? {} : { fileOperations: options.fileOperations }),
  }
  await appendCheckpoint(path, note, how)
  const { keyId } = signer
  await record.commit(() => ({
    events: [{ type: 'checkpoint-signed', payload: { size, hash, keyId } }],
    answer: undefined,
  }))
  if (secondPath !== undefined) await appendCheckpoint(secondPath, note, how)
  return { ...checkpoint, note, keyId }
}

function requireAbsolute(path: string): void {
  if (isAbsolute(path)) return
  throw agentError('JANUS_AGENT_REQUEST_INVALID', `${path} is no absolute path`, {
    remedy: 'Give the path from the root on.',
    data: { path },
  })
}
