/**
 * One captured path: text of a file, absolute target of a link, the complete list of names in a directory, a special
 * file, why it could not be read, or that it was looked for and is not there.
 */
export type SnapshotEntry =
  | { readonly text: string }
  | { readonly link: string }
  | { readonly names: readonly string[] }
  | { readonly device: string; readonly type: 'character-device' | 'block-device' }
  | { readonly unreadable: string }
  | { readonly absent: true }

/** A captured machine: one JSON file that check, plan and the listings take instead of the machine. */
export interface Snapshot {
  readonly schema: 'janus.snapshot/1'
  readonly capturedAt: string
  readonly janusVersion: string
  /** True when serial numbers, MAC addresses and names were replaced by stable tokens. */
  readonly masked: boolean
  /**
   * Every captured path, real ones (links are entries of their own). A directory that was listed is an entry with all
   * its names: a name that is not among them is absent, one that is but has no entry was not captured.
   */
  readonly entries: Readonly<
    Record<string, SnapshotEntry & { readonly mode?: number; readonly uid?: number; readonly gid?: number }>
  >
  /** Answers of the queries, keyed by `name` and JSON input: what was asked when it was captured. */
  readonly queries: Readonly<Record<string, unknown>>
}
