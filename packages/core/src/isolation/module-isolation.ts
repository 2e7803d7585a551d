import { availableParallelism } from 'node:os'
import type { Isolation, ModuleRun, RunnableModule } from '../contract/runnable-module.js'
import type { DiscoveredModule } from '../modules/discovered-module.js'
import { createSandbox, type SandboxIdentity, type SandboxSettings } from '../sandbox/index.js'
import { isolatedModule } from './isolated-module.js'
import type { ChildRun, ModuleLimits } from './run-child.js'
import { createSharedSnapshots } from './shared-snapshots.js'
import { createTurns } from './turns.js'

/** How modules that run in children are run. */
export interface ModuleIsolationSettings {
  readonly limits?: Partial<ModuleLimits>
  readonly sandbox?: SandboxSettings
  /** Children at a time. Default: one for each processor. */
  readonly children?: number
  /** User that root becomes for a child in `subprocess` isolation. Default: it stays root. */
  readonly subprocessIdentity?: SandboxIdentity
}

/** Where the modules of one Janus share what running them in children takes: the sandbox, its trial, the turns. */
export interface ModuleIsolation {
  /**
   * Asks a child what a module is, and gives back a module whose every question is answered by a child of its own.
   * Rejects with JANUS_SANDBOX_UNAVAILABLE, or one error that says what became of the module.
   */
  load(found: DiscoveredModule, isolation: Exclude<Isolation, 'in-process'>): Promise<RunnableModule>
}

/** What one isolated module needs of what all share. */
export interface ModuleChildren {
  readonly limits: ModuleLimits
  run(
    isolation: Exclude<Isolation, 'in-process'>,
    run: ChildRun,
  ): ReturnType<typeof import('./run-child.js').runInSandbox>
  /** The host of a run as the JSON text of a snapshot. */
  snapshotFor(run: ModuleRun): Promise<string>
}

const MEBIBYTE = 1024 * 1024
const LIMITS: ModuleLimits = { deadline: 30_000, answer: 8 * MEBIBYTE, output: MEBIBYTE, memory: 512 * MEBIBYTE }

/** Makes what the isolated modules of one Janus share. Nothing is started before a module is loaded. */
export function createModuleIsolation(settings: ModuleIsolationSettings = {}): ModuleIsolation {
  const limits = { ...LIMITS, ...settings.limits }
  const sandbox = createSandbox(settings.sandbox)
  const turns = createTurns(settings.children ?? availableParallelism())
  const snapshots = createSharedSnapshots()
  const children: ModuleChildren = {
    limits,
    async run(isolation, run) {
      const { runAsSubprocess, runInSandbox } = await import('./run-child.js')
      return turns.take(() =>
        isolation === 'sandbox' ? runInSandbox(sandbox, run) : runAsSubprocess(run, settings.subprocessIdentity),
      )
    },
    snapshotFor: (run) => snapshots.textFor(run),
  }
  return { load: (found, isolation) => isolatedModule(found, isolation, children) }
}
