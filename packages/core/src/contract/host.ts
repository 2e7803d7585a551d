/**
 * Why a path that may exist gave no value. `not-captured`: a snapshot does not hold it. `timeout`: the kernel did not
 * answer. `planned`: an earlier module of a profile has a program write it, and what it will hold is known only then.
 */
export type UnreadableReason =
  | 'timeout'
  | 'denied'
  | 'not-captured'
  | 'outside-root'
  | 'too-large'
  | 'planned'
  | 'error'

/**
 * The answer to a read: a value, nothing (`value` is undefined: the path does not exist), or the reason why it cannot
 * be known. A read never throws for what the host holds.
 */
export interface Reading<Value> {
  readonly value?: Value | undefined
  readonly unreadable?: UnreadableReason | undefined
}

/** What a path is, as far as a plan needs it. */
export interface HostStat {
  readonly type: 'file' | 'directory' | 'character-device' | 'block-device' | 'other'
  /** Permission bits including set-id and sticky, e.g. `0o644`. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  /** Device number `major:minor` of a character or block device. */
  readonly device?: string
}

/**
 * A machine that can be read: the one we run on, a directory tree of one, or a captured snapshot. Paths are absolute
 * and mean the same on all three; nothing here writes.
 */
export interface Host {
  readonly kind: 'live' | 'tree' | 'snapshot'
  /** `/` for the machine itself and for a snapshot (its paths are the captured machine's). */
  readonly root: string
  /** For messages: `this machine`, `snapshot lab.json`. */
  readonly description: string
  /** Text of a file or attribute, bytes that are not UTF-8 replaced; at most 1 MiB. */
  readText(path: string): Promise<Reading<string>>
  /** Bytes of a regular file, at most 16 MiB (from a snapshot: the captured text). For digests and for saving what a change replaces. */
  readBytes(path: string): Promise<Reading<Uint8Array>>
  /**
   * Bytes of a regular file in pieces, at most 1 GiB (from a snapshot: the captured text): for what does not belong into
   * memory at once, such as an initramfs. The file is opened when its pieces are asked for; one that grows beyond
   * the bound, or fails in the middle, throws `JANUS_HOST_UNREADABLE` there.
   */
  readPieces(path: string): Promise<Reading<AsyncIterable<Uint8Array>>>
  /** Target of a symbolic link, one hop, made absolute and normalised within the root. */
  readLink(path: string): Promise<Reading<string>>
  /** Text of a symbolic link as it is stored, for putting exactly that link back. */
  readLinkText(path: string): Promise<Reading<string>>
  /** Names in a directory, sorted by code point. */
  list(path: string): Promise<Reading<readonly string[]>>
  /** True when the path exists, following links. False also when that cannot be known. */
  exists(path: string): Promise<boolean>
  /** What the path is, following links. */
  stat(path: string): Promise<Reading<HostStat>>
}
