import { readFile } from 'node:fs/promises'
import { errnoOf, openOwnFile, systemFileOperations, writeFileDurably } from '@janus/core/state'
import * as z from '@janus/core/zod'
import { agentError } from '../errors/agent-error.js'
import { parseJson } from '../json/parse-json.js'
import type { AgentRecord } from './agent-record.js'

/** How far a record had come, kept outside it: what is found in its place must have come as far. */
export interface HighWaterMark {
  readonly schema: 'janus.agent-mark/1'
  readonly recordId: string
  /** Of the newest event then. */
  readonly seq: number
  readonly hash: string
}

const markSchema = z.strictObject({
  schema: z.literal('janus.agent-mark/1'),
  recordId: z.string().regex(/^[0-9a-f]{32}$/),
  seq: z.int().min(1),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
})

const FILE_MODE = 0o600

/**
 * Notes, durably, how far a record has come.
 * @param path absolute; best on another file system than the record, or one that is not restored together with it
 * @throws the errno error of the call that failed
 */
export async function writeHighWaterMark(path: string, record: AgentRecord): Promise<void> {
  const mark: HighWaterMark = {
    schema: 'janus.agent-mark/1',
    recordId: record.state.recordId,
    ...record.durable,
  }
  await writeFileDurably(path, Buffer.from(`${JSON.stringify(mark)}\n`), { mode: FILE_MODE })
}

/**
 * Compares a record with its mark.
 * @returns why the record must not be worked on; undefined when it has come at least as far as the mark says, or there is no mark
 * @throws JANUS_AGENT_FROZEN for a mark that cannot be read; JANUS_STATE_UNSAFE
 */
export async function findRegression(path: string, record: AgentRecord): Promise<string | undefined> {
  const mark = await readHighWaterMark(path)
  if (mark === undefined) return undefined
  const { recordId } = record.state
  const { seq, hash } = record.durable
  if (mark.recordId !== recordId) return `it is the record ${recordId}, and ${path} is about ${mark.recordId}`
  if (seq < mark.seq) return `it ends with event ${seq}, and ${path} knows of event ${mark.seq}`
  // Where it was closed as it should be nothing came after the mark, and nothing has to be read again.
  if (seq === mark.seq && hash === mark.hash) return undefined
  for await (const line of record.lines(mark.seq)) {
    if (line.seq === mark.seq && line.hash === mark.hash) return undefined
    if (line.seq >= mark.seq) break
  }
  return `its event ${mark.seq} is not the one that ${path} knows`
}

async function readHighWaterMark(path: string): Promise<HighWaterMark | undefined> {
  let descriptor: number
  try {
    descriptor = (await openOwnFile(path, { write: false })).descriptor
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
  await systemFileOperations.close(descriptor)
  const parsed = markSchema.safeParse(parseJson(await readFile(path, 'utf8')))
  if (parsed.success) return parsed.data
  throw agentError('JANUS_AGENT_FROZEN', `${path} cannot be read as the mark of a record`, { data: { path } })
}
