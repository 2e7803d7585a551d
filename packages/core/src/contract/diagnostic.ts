/** A remark about something other than the host: an option, a manifest, a module, an argument. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning' | 'info'
  /** Code from the error catalogue (`JANUS_…`). */
  readonly code: string
  readonly summary: string
  readonly detail?: string
  readonly remedy?: string
  /** The option, file or field the remark is about. */
  readonly path?: string
  /** The module the remark is about. */
  readonly module?: string
  /** Machine-readable particulars, as the error carries them. */
  readonly data?: Readonly<Record<string, unknown>>
}
