import type { UndoChange } from './change.js'
import type { Diagnostic } from './diagnostic.js'
import type { Finding } from './finding.js'
import type { StepReport, UndoReport } from './transaction.js'

/** What `janus.events` emits; each listener gets one object. */
export interface JanusEvents {
  'check:started': [{ readonly module: string }]
  finding: [{ readonly module: string; readonly finding: Finding }]
  'module:failed': [{ readonly module: string; readonly diagnostic: Diagnostic }]
  'transaction:started': [{ readonly transaction: string; readonly steps: number }]
  /** A further stage begins; `steps` counts those of all stages so far. */
  'transaction:stage': [{ readonly transaction: string; readonly stage: number; readonly steps: number }]
  'transaction:step-started': [
    {
      readonly transaction: string
      readonly step: number
      readonly phase: 'apply' | 'undo'
      readonly change: UndoChange
    },
  ]
  'transaction:step': [{ readonly transaction: string } & StepReport]
  'transaction:undoing': [{ readonly transaction: string; readonly because: string }]
  'transaction:ended': [{ readonly transaction: string; readonly outcome: 'applied' | UndoReport['outcome'] }]
}
