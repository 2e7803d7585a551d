import type { Snapshot } from '../contract/snapshot.js'
import { janusError } from '../errors/janus-error.js'
import { isSnapshotPath, MAXIMUM_ENTRIES, snapshotEntrySchemas, snapshotHeadSchema } from './snapshot-schema.js'

/**
 * Checks a snapshot that came from outside. It may be hostile: paths that climb, wrong types, endless text.
 * @param json the parsed JSON
 * @returns the snapshot, its entries in an object without a prototype
 * @throws JANUS_SNAPSHOT_INVALID naming the entry
 */
export function parseSnapshot(json: unknown): Snapshot {
  const head = snapshotHeadSchema.safeParse(json)
  if (!head.success) {
    const [issue] = head.error.issues
    throw invalid(`the snapshot is malformed at ${issue?.path.join('.') || 'its top'}: ${issue?.message ?? ''}`)
  }
  const paths = Object.keys(head.data.entries)
  if (paths.length > MAXIMUM_ENTRIES) throw invalid(`the snapshot has ${paths.length} entries, more than any machine`)
  const entries: Record<string, Snapshot['entries'][string]> = Object.create(null)
  for (const path of paths) entries[path] = parseEntry(path, head.data.entries[path])
  return { ...head.data, entries }
}

function parseEntry(path: string, value: unknown): Snapshot['entries'][string] {
  if (!isSnapshotPath(path)) throw invalid(`${quoted(path)} is not an absolute, normalised path`, path)
  const schema = schemaOf(value)
  if (schema === undefined) {
    throw invalid(`the entry ${quoted(path)} is none of text, link, names, device, unreadable, absent`, path)
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data as Snapshot['entries'][string]
  const [issue] = parsed.error.issues
  throw invalid(
    `the entry ${quoted(path)} is malformed at ${issue?.path.join('.') || 'its top'}: ${issue?.message ?? ''}`,
    path,
  )
}

function schemaOf(value: unknown) {
  if (typeof value !== 'object' || value === null) return undefined
  for (const [member, schema] of Object.entries(snapshotEntrySchemas)) if (Object.hasOwn(value, member)) return schema
  return undefined
}

function invalid(message: string, path?: string): Error {
  return janusError('JANUS_SNAPSHOT_INVALID', message, path === undefined ? {} : { data: { path: path.slice(0, 256) } })
}

// JSON escapes control characters; C1 controls and bidirectional marks would still reach a terminal.
function quoted(path: string): string {
  return JSON.stringify(path.slice(0, 256)).replace(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, '\ufffd')
}
