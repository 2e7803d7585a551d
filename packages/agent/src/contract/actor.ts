/**
 * Who did something. A name in free text identifies nobody: a person is a local user whose number the kernel told, or the holder of an enrolled key.
 */
export type Actor =
  | {
      readonly kind: 'user'
      /** Number of the local user, as the kernel told it. */
      readonly uid: number
      /** Its name in the user database, for people; the number when it has none. */
      readonly name: string
    }
  | {
      readonly kind: 'key'
      /** Id of an enrolled key, see {@link EnrolledKey}. */
      readonly keyId: string
      readonly name: string
    }
  /** Part of the agent: `thinking-cycle`, `auto-executor`. It can propose and never approve. */
  | { readonly kind: 'agent'; readonly name: string }
  /** A rule that was set by people: `approval-timeout`, the configured `auto_approval_source`, `policy`. */
  | { readonly kind: 'system'; readonly name: string }

/** A public key that was enrolled for decisions. */
export interface EnrolledKey {
  /** First 16 hexadecimal digits of the SHA-256 over the raw public key. */
  readonly keyId: string
  readonly name: string
  /** Raw Ed25519 public key, base64. */
  readonly publicKey: string
  /** What its holder may sign for. */
  readonly roles: readonly KeyRole[]
  /** Number of the local user who holds it, if there is one: so that nobody approves with a key what they proposed as a user. */
  readonly uid?: number
}

/** `approver` decides proposals; `recommender` and `first-citizen` authorise modes and changes of the rules; `checkpoint` signs checkpoints. */
export type KeyRole = 'approver' | 'recommender' | 'first-citizen' | 'checkpoint'

/** A signature over the canonical JSON of a statement, by an enrolled key. */
export interface Signature {
  readonly keyId: string
  /** Ed25519 signature, base64. */
  readonly signature: string
}
