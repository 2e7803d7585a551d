/** One captured path: text of a file, target of a link, names of a directory, a special file, or why it could not be read. */
export type SnapshotEntry =
  | { readonly text: string }
  | { readonly link: string }
  | { readonly names: readonly string[] }
  | { readonly device: string; readonly type: 'character-device' | 'block-device' }
  | { readonly unreadable: string }

/** A captured machine: one JSON file that check, plan and the listings take instead of the machine. */
export interface Snapshot {
  readonly schema: 'janus.snapshot/1'
  readonly capturedAt: string
  readonly janusVersion: string
  /** True when serial numbers, MAC addresses and names were replaced by stable tokens. */
  readonly masked: boolean
  /** Every captured path; a directory is an entry of its own only when it is empty or was listed but not entered. */
  readonly entries: Readonly<Record<string, SnapshotEntry & { readonly mode?: number; readonly uid?: number; readonly gid?: number }>>
  /** Answers of the queries, keyed by `name` and JSON input: what was asked when it was captured. */
  readonly queries: Readonly<Record<string, unknown>>
}
