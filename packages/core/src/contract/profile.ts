import type { JsonValue, Plan } from './plan.js'
import type { DriftEntry } from './transaction.js'

/** One module of a profile, with its options. */
export interface ProfileEntry {
  /** Id of the module. */
  readonly module: string
  /** Options as people write them; the module's own schema judges them. */
  readonly options?: Readonly<Record<string, JsonValue>>
  /** Ids of modules of this profile that come before, besides those that the modules name themselves. */
  readonly after?: readonly string[]
}

/** Several modules with their options: planned together, applied as one transaction, undone as one. */
export interface Profile {
  readonly schema: 'janus.profile/1'
  /** Kebab-case. Transactions of it carry `profile:<name>` where those of a module carry its id. */
  readonly name: string
  /** One line for lists. */
  readonly summary?: string
  readonly modules: readonly ProfileEntry[]
}

/** A profile with where it was read. */
export interface ProfileFile {
  readonly profile: Profile
  readonly path: string
}

/** A file in a directory of profiles, for a list. */
export interface ProfileRow {
  readonly name: string
  readonly path: string
  /** Absent when the file cannot be read; {@link problem} says why. */
  readonly profile?: Profile
  readonly problem?: string
}

/** A module of a profile that has been planned in this stage. */
export interface PlannedModule {
  readonly module: string
  readonly version: string
  /** Changes it asked for; 0 when the host is already as it wants. */
  readonly changes: number
}

/** A module that can be planned only once the stages before it have been applied. */
export interface WaitingModule {
  readonly module: string
  /** What it waits for: the lines with which changes of this stage say what only the kernel will show. */
  readonly until: readonly string[]
  /** Why it cannot be planned now. */
  readonly because: string
}

/** The next stage of a profile: what can be planned now, and what waits for it. */
export interface PlannedProfile {
  readonly profile: Profile
  /** Counted from 1. */
  readonly stage: number
  /** The plan of this stage alone, with a digest of its own. */
  readonly plan: Plan
  /** In the order in which they are planned. */
  readonly modules: readonly PlannedModule[]
  /** Empty: this stage is the last one. */
  readonly waiting: readonly WaitingModule[]
}

/** Options of applying a profile. */
export interface ApplyProfileOptions {
  /** Ids of losses that are accepted, in every stage. */
  readonly accept?: readonly string[]
  /** Aborting undoes what was done in all stages, then the promise rejects with JANUS_ABORTED. */
  readonly signal?: AbortSignal
  /**
   * Asked before each stage behind the first, whose plan did not exist when the first was agreed to. False, or a
   * rejection, undoes everything. Needed when modules wait.
   */
  confirmStage?(planned: PlannedProfile): Promise<boolean>
}

/** Something that a profile wants and the host has not. */
export interface ProfileDifference {
  /** Path of the file or attribute; for a program or a kernel module, what would be done. */
  readonly path: string
  readonly found: string
  readonly wanted: string
  readonly why: string
}

/** How a host differs from what one module of a profile wants. */
export interface ModuleDifferences {
  readonly module: string
  readonly differences: readonly ProfileDifference[]
  /** Present when it cannot be planned before the modules above have been applied. */
  readonly waits?: WaitingModule
}

/** How a host differs from a profile. */
export interface ProfileDiff {
  readonly profile: Profile
  readonly modules: readonly ModuleDifferences[]
  /**
   * What earlier applies of the profile left and the host no longer shows, or shows only after a boot. Absent where the
   * journal cannot be read: of a captured host, or by a user who is not root.
   */
  readonly drift?: readonly DriftEntry[]
  /** True when nothing differs, nothing waits and nothing has drifted. */
  readonly same: boolean
}
