import type { Diagnostic } from './diagnostic.js'
import type { Finding } from './finding.js'

/** What the checks of one module found. */
export interface ModuleFindings {
  readonly module: string
  readonly type: string
  readonly summary: string
  readonly findings: readonly Finding[]
}

/** What a check of a host found. */
export interface CheckReport {
  readonly host: string
  readonly modules: readonly ModuleFindings[]
  /** Modules that could not be asked. */
  readonly diagnostics: readonly Diagnostic[]
  readonly counts: Readonly<Record<Finding['status'], number>>
}
