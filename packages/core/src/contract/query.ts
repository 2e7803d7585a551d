/** A process that holds something open. */
export interface DescriptorHolder {
  readonly pid: number
  readonly name: string
  /** `major:minor` of the device it holds. */
  readonly device: string
  /** The path as that process sees it. */
  readonly path: string
}

/**
 * The closed list of read-only probes that are more than reading a file. On a captured host each answers from what
 * was captured, or `unavailable`.
 */
export interface Queries {
  /** Can this path be opened for reading and writing by whoever runs Janus? Opens and closes it, nothing else. */
  openable: { input: { path: string }; output: { openable: boolean; error?: string } }
  /** Where a program lies on PATH; no process is started. */
  program: { input: { name: string }; output: { path: string | null } }
  /** Who holds these device numbers open, by scanning `/proc/<pid>/fd` by device number, across mount namespaces. */
  'descriptor-holders': {
    input: { devices: readonly string[] }
    output: { holders: readonly DescriptorHolder[]; complete: boolean }
  }
  /** What lies on a whole disk, by the signatures of file systems and volume managers in its first bytes; `null`: none that is known. */
  'disk-signature': { input: { name: string; device: string }; output: { signature: string | null } }
  /**
   * Members of an initramfs by name (no leading slash), with the SHA-256 of their bytes; `null`: it has none of that name.
   * What is not gzip is unpacked by the host's own program for it. Unavailable when the image cannot be read.
   */
  'archive-members': {
    input: { path: string; members: readonly string[] }
    output: { members: Readonly<Record<string, string | null>> }
  }
  /** What NUMA-independent identity Janus runs under. */
  identity: { input: Record<string, never>; output: { uid: number; user: string; groups: readonly string[] } }
}

/** Name of a query. */
export type QueryName = keyof Queries

/** A query's answer, or why there is none. */
export type QueryAnswer<Name extends QueryName> =
  | ({ readonly available: true } & Readonly<Queries[Name]['output']>)
  | { readonly available: false; readonly reason: string }

/** Asks one of core's read-only probes. */
export type Query = <Name extends QueryName>(name: Name, input: Queries[Name]['input']) => Promise<QueryAnswer<Name>>
