import type { Actor } from '../contract/actor.js'
import type { DaemonState } from '../contract/daemon.js'
import { createEmergencyStop, type EmergencyStop } from '../stop/create-emergency-stop.js'
import { stopFiles } from '../stop/stop-files.js'
import type { ViewProblem } from '../views/view-set.js'
import type { DigestCache } from '../warrant/resolve-binary.js'
import type { AgentGovernance, LocalAgentOptions, RollbackRunner } from './local-agent.js'
import type { LocalRecord } from './open-local-record.js'
import { runDirectory } from './run-directory.js'
import type { ThinkingMethods } from './thinking-methods.js'

/** Everything a method of the agent works with. What governs it is read where it is used, never kept. */
export interface LocalAgentContext extends AgentGovernance {
  readonly local: LocalRecord
  /** Absolute path. */
  readonly stateDirectory: string
  readonly emergency: EmergencyStop
  readonly purpose: string
  readonly version: string
  readonly controls: LocalAgentOptions['controls']
  readonly resetRelief: LocalAgentOptions['resetRelief']
  /** For reviews and approvals; what is executed is read again. */
  readonly digests: DigestCache
  /** ISO 8601. */
  readonly openedAt: string
  /** Replaced when the record is thawed. */
  frozen(): string | undefined
  thawed(): void
  /** Views that cannot be written. */
  viewProblems(): Promise<readonly ViewProblem[]>
  /** What runs a rollback that a person asks for, where this process executes at all. */
  executor(): RollbackRunner | undefined
  /** What the daemon does that this process is; null: it is none. */
  daemon(): DaemonState | null
  /** What thinks in this process. */
  thinking(): ThinkingMethods
  /** To be awaited before something is changed: says on the record who opened it, once. */
  begin(by: Actor): Promise<void>
}

/** What differs between an agent that works and one that is only read. */
type LocalAgentLife = Pick<
  LocalAgentContext,
  'daemon' | 'frozen' | 'thawed' | 'viewProblems' | 'executor' | 'begin' | 'thinking'
>

/** The context of an agent over its record, with the emergency stop of its state directory. */
export function localAgentContext(
  options: LocalAgentOptions,
  local: LocalRecord,
  life: LocalAgentLife,
): LocalAgentContext {
  const { govern, purpose, version, controls, resetRelief, stateDirectory } = options
  const governed = (): AgentGovernance => govern(local.record.state)
  return {
    ...life,
    emergency: emergencyOf(options, local),
    local,
    stateDirectory,
    purpose,
    version,
    controls,
    resetRelief,
    digests: new Map(),
    openedAt: local.record.clock.now().toISOString(),
    get rules() {
      return governed().rules
    },
    get terms() {
      return governed().terms
    },
    get parts() {
      return governed().parts
    },
    get tools() {
      return governed().tools ?? new Map()
    },
    get settings() {
      return governed().settings
    },
    get notification() {
      return governed().notification
    },
    get stopFile() {
      return governed().stopFile
    },
    resolving: (automatic) => governed().resolving(automatic),
  }
}

function emergencyOf({ stateDirectory, govern }: LocalAgentOptions, { record }: LocalRecord): EmergencyStop {
  return createEmergencyStop({
    runDirectory: runDirectory(stateDirectory),
    record,
    files: () => stopFiles(stateDirectory, govern(record.state).stopFile),
  })
}
