import { readFile } from 'node:fs/promises'
import { unsyncedFileOperations, writeFileDurably } from '@janus/core/state'
import * as z from '@janus/core/zod'
import { parseJson } from '../json/parse-json.js'
import type { ViewMark } from './view-file.js'

/** How far the views have come, and how they were left. */
export interface ViewCursor {
  readonly schema: 'janus.agent-views/1'
  readonly recordId: string
  /** Of the newest event that the views tell of. */
  readonly seq: number
  readonly hash: string
  /** Earlier executions are no longer in the view of them; ISO 8601, UTC. */
  readonly toolLogFrom: string
  /** By path. */
  readonly files: Readonly<Record<string, ViewMark>>
}

const number = z.string().regex(/^\d{1,20}$/)
const cursorSchema = z.strictObject({
  schema: z.literal('janus.agent-views/1'),
  recordId: z.string(),
  seq: z.int().min(0),
  hash: z.string(),
  toolLogFrom: z.string(),
  files: z.record(z.string(), z.strictObject({ inode: number, bytes: number, modified: number, changed: number })),
})

/** Reads it; undefined when there is none that can be read: then the views are compared with the record. */
export async function readViewCursor(path: string): Promise<ViewCursor | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : cursorSchema.safeParse(parseJson(text)).data
}

/** Writes it whole or not at all; after a power cut it may be an older one. */
export async function writeViewCursor(path: string, cursor: ViewCursor): Promise<void> {
  const bytes = Buffer.from(`${JSON.stringify(cursor)}\n`)
  await writeFileDurably(path, bytes, { mode: 0o600, operations: unsyncedFileOperations })
}
