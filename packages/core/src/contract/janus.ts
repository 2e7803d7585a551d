import type { EventEmitter } from 'eventemitter3'
import type { CheckReport } from './check-report.js'
import type { ConformanceReport, TestModuleOptions } from './conformance-report.js'
import type { ContributedCommand } from './contributed-command.js'
import type { DoctorReport } from './doctor-report.js'
import type { JanusEvents } from './events.js'
import type { Executor } from './executor.js'
import type { Extensions } from './extensions.js'
import type { Finding } from './finding.js'
import type { FoundTool } from './found-tool.js'
import type { Machine } from './hand.js'
import type { Host } from './host.js'
import type { Inventory } from './inventory.js'
import type { Logger } from './logger.js'
import type { JanusModule } from './module.js'
import type { ModuleDescription, ModuleRow } from './module-row.js'
import type { Plan } from './plan.js'
import type { ApplyProfileOptions, PlannedProfile, Profile, ProfileDiff, ProfileFile, ProfileRow } from './profile.js'
import type { Isolation } from './runnable-module.js'
import type { Snapshot } from './snapshot.js'
import type { ApplyReport, RecoverReport, StatusReport, TransactionSummary, UndoReport } from './transaction.js'

/** Where modules come from. Nothing is imported while sources are listed. */
export type ModuleSource =
  /** A module object in hand. */
  | { readonly kind: 'module'; readonly module: JanusModule }
  /** One package directory, or the package.json in it, named by the user. */
  | { readonly kind: 'package'; readonly path: string; readonly isolation?: Isolation }
  /**
   * What a user named: a package, a directory (a package, or a tree with a folder `modules`), a JavaScript file, or a
   * program. Paths are relative to `from`; packages are looked for from there first, then among the user's extensions.
   */
  | { readonly kind: 'named'; readonly name: string; readonly from: string; readonly isolation?: Isolation }
  /**
   * The modules that a configuration file names. There need not be one. Default: that of the user, `config.json` in
   * `$XDG_CONFIG_HOME/janus`; with sudo also that of the invoking user.
   */
  | { readonly kind: 'config'; readonly path?: string }
  /**
   * The project that a directory belongs to: what its `janus.config.json` names, kept in the sandbox; and, as available,
   * what its package.json depends on and its tree `modules`. As root its configuration names nothing.
   */
  | { readonly kind: 'project'; readonly directory: string }
  /** What the user installed with {@link Extensions.add}; with sudo also what the invoking user did. */
  | { readonly kind: 'extensions' }
  /** The dependencies of a package.json that carry a manifest, resolved from where that file lies; all count as named by the user. */
  | { readonly kind: 'dependencies-of'; readonly packageJson: string }
  /**
   * What was installed with a program. The members of its workspace are its own; the packages of its npx cache, or beside
   * its global installation, count as named by the user; what else a project depends on that has it is available.
   */
  | { readonly kind: 'tree-of'; readonly packageJson: string }

/** What {@link createJanus} takes; everything has a default. */
export interface JanusOptions {
  /** The machine, a snapshot or a tree. Default: the live machine. */
  readonly host?: Host
  /**
   * A machine with hands of its own, instead of `host`: the `machine` of a kernel model from `@janus/core/testing`, so that a
   * program can be tried with applies, crashes and undos that touch nothing. Its owner ends it; `close` does not. It says by itself
   * who may give it orders: nobody is asked to be root. Its journal belongs into a `stateDirectory` of its own.
   */
  readonly machine?: Machine
  /** Modules to work with. Default: none. */
  readonly sources?: readonly ModuleSource[]
  /** Where the journal lies. Default: by who is running, see the documentation of the state directory. */
  readonly stateDirectory?: string
  /** Environment for PATH, HOME, XDG and JANUS variables. Default: that of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly logger?: Logger
  /** Runs commands of a plan on a root other than `/`. */
  readonly executor?: Executor
  /** Arguments recorded as who did it. Default: `process.argv` from its third element. */
  readonly argv?: readonly string[]
  readonly deadlines?: Deadlines
}

/** Deadlines in milliseconds. */
export interface Deadlines {
  /** Until an order to the kernel counts as hung. Default 30 000. */
  readonly order?: number
  /** Until a verify condition that does not hold has failed. Default 10 000. */
  readonly verify?: number
  /** Until a read of an attribute known to hang is given up. Default 3 000. */
  readonly read?: number
  /** How long recovery waits for hands of an interrupted transaction. Default 5 000. */
  readonly hands?: number
}

/** Options of an apply. */
export interface ApplyOptions {
  /** Ids of losses that are accepted. */
  readonly accept?: readonly string[]
  /** Aborting undoes what was done, then the promise rejects with JANUS_ABORTED. */
  readonly signal?: AbortSignal
}

/** How a module is asked for changes. */
export interface PlanSettings {
  /** `rollback` asks for the removal of left-overs that no journal knows. Default `apply`. */
  readonly action?: 'apply' | 'rollback'
  readonly signal?: AbortSignal
}

/** Options of a rollback. */
export interface RollbackOptions {
  /** Transaction id; default: the newest that can be rolled back. */
  readonly transaction?: string
  /** Id of a module, or `profile:<name>`: the newest transaction of that module is meant, unless `transaction` names one. */
  readonly module?: string
  /** Roll back later transactions that touched the same things first, newest first. */
  readonly cascade?: boolean
  /** Report what would be done, do nothing. */
  readonly dryRun?: boolean
  readonly signal?: AbortSignal
}

/** The SDK: everything that Janus does, as calls. Made by {@link createJanus}. */
export interface Janus {
  readonly events: EventEmitter<JanusEvents>
  readonly host: Host
  /** Packages that the user installed. */
  readonly extensions: Extensions
  /** Where the journal lies; logs of a consumer belong in its `logs`. May not exist yet. */
  readonly stateDirectory: string
  /** Every module found, imported or not, as rows. */
  modules(): Promise<readonly ModuleRow[]>
  /** Imports one module and says what it takes. Rejects with JANUS_MODULE_NOT_FOUND or the reason why it is not ready. */
  describe(module: string): Promise<ModuleDescription>
  /**
   * Runs the conformance suite, for the author of a module: on a package, a file that exports modules, or a program.
   * JavaScript runs in this process with all rights, on machines in memory; a program in a sandbox, on machines in a folder.
   * @param module a path, which has a `/` or a `.` in it; or the id of a module that is trusted
   * @throws JANUS_MODULE_UNTRUSTED for an id whose code may not run in this process; JANUS_MODULE_PATH_UNSAFE as root
   */
  testModule(module: string, options?: TestModuleOptions): Promise<readonly ConformanceReport[]>
  /** Runs the checks of all enabled modules, or of those named; what is asked of them, by their id, as for `plan`. */
  check(options?: {
    readonly modules?: readonly string[]
    readonly options?: Readonly<Record<string, unknown>>
    readonly signal?: AbortSignal
  }): Promise<CheckReport>
  /** Commands that packages add to `janus`, from their manifests; nothing is loaded. */
  commands(): Promise<readonly ContributedCommand[]>
  /**
   * One of them, once it may be run: its code has all the rights of the caller.
   * @throws JANUS_COMMAND_NOT_FOUND; JANUS_MODULE_UNTRUSTED, JANUS_MODULE_INTEGRITY or JANUS_MODULE_PATH_UNSAFE for its package
   */
  command(name: string): Promise<ContributedCommand>
  /** Tools that packages bring for an agent, from their manifests; nothing is run. */
  tools(): Promise<readonly FoundTool[]>
  /** PCI devices, groups and who uses what. */
  inventory(): Promise<Inventory>
  /** Asks a module for its changes and makes a plan of them. */
  plan(module: string, options?: unknown, settings?: PlanSettings): Promise<Plan>
  /** The plan that sets Janus up for a user: configuration, state and cache directories. */
  planInit(): Promise<Plan>
  /** What {@link Janus.planInit} cannot set up: whether this user is in the groups kvm and libvirt. Never critical. */
  checkInit(): Promise<readonly Finding[]>
  /** Reads and checks a plan that came from outside: schema, digest, paths. */
  readPlan(json: unknown): Promise<Plan>
  /**
   * Says whether an apply would start: rejects with JANUS_NOT_ROOT, JANUS_RECOVERY_NEEDED, JANUS_LOSS_NOT_ACCEPTED or
   * JANUS_PLAN_STALE as it would before its first step. Touches nothing, so that a human is asked only for what can be done.
   */
  preflight(plan: Plan, options?: Pick<ApplyOptions, 'accept'>): Promise<void>
  /** Executes exactly this plan. */
  apply(plan: Plan, options?: ApplyOptions): Promise<ApplyReport>
  /** Profiles in the directories of the user and of the machine, also those that cannot be read. */
  profiles(): Promise<readonly ProfileRow[]>
  /**
   * Reads a profile by its name, or by a path: what has a `/` in it or ends in `.yaml`, `.yml` or `.json`.
   * @throws JANUS_FILE_INVALID, JANUS_CONFIG_INVALID naming line and member, JANUS_MODULE_PATH_UNSAFE as root
   */
  readProfile(nameOrPath: string): Promise<ProfileFile>
  /** Plans the first stage of a profile: one plan of all modules, up to the first that needs what only the kernel will show. */
  planProfile(profile: Profile, settings?: { readonly signal?: AbortSignal }): Promise<PlannedProfile>
  /** How the host differs from a profile: what each module would change, and what has drifted since it was applied. */
  diffProfile(profile: Profile, settings?: { readonly signal?: AbortSignal }): Promise<ProfileDiff>
  /**
   * Applies a profile as one transaction: exactly this plan, then stage by stage what waited for it, each agreed to by
   * `confirmStage`. Any failure undoes all stages. {@link Janus.rollback} with the module `profile:<name>` undoes it.
   */
  applyProfile(planned: PlannedProfile, options?: ApplyProfileOptions): Promise<ApplyReport>
  /** Undoes a transaction from the journal alone. */
  rollback(options?: RollbackOptions): Promise<readonly UndoReport[]>
  /** Brings interrupted transactions to before or after. */
  recover(options?: { readonly dryRun?: boolean; readonly signal?: AbortSignal }): Promise<RecoverReport>
  status(): Promise<StatusReport>
  history(): Promise<readonly TransactionSummary[]>
  /** Drops transactions that cannot be undone any more and ended before this time. */
  pruneHistory(options: {
    readonly before: Date
    readonly dryRun?: boolean
  }): Promise<{ readonly removed: readonly string[]; readonly kept: number }>
  /** What somebody who looks into a problem asks first: versions, modules, tools, the sandbox. Holds no secrets. */
  diagnose(): Promise<DoctorReport>
  /** Captures the host. */
  snapshot(options?: { readonly mask?: boolean }): Promise<Snapshot>
  /** Ends helper processes. Safe to call twice. */
  close(): Promise<void>
}
