import type { Host } from '../../contract/host.js'
import type { JanusModule } from '../../contract/module.js'
import type { Query } from '../../contract/query.js'
import type { KernelModel } from '../kernel-model/index.js'

/** A machine to try a module on, and options that suit it. */
export interface ModuleFixture {
  readonly title: string
  /** What it reads. Not needed beside `kernel`. */
  readonly host?: Host
  readonly query?: Query
  /** A machine that can be changed, new at every call: the module's changes are then applied to it and undone. */
  readonly kernel?: () => KernelModel
  /** Options as people write them, valid. Without them only the check is tried. */
  readonly options?: unknown
  /** Ids of losses that applying here means. */
  readonly accept?: readonly string[]
  /** The machine holds left-overs of an earlier apply, so that the module's own rollback finds something to remove. */
  readonly leftOvers?: boolean
}

/** One thing that a module must hold to. */
export interface ConformanceCase {
  /** Stable, kebab-case. */
  readonly id: string
  /** The clause, and the fixture it is tried on. */
  readonly title: string
  /** Rejects with an AssertionError that says what is wrong. */
  run(): Promise<void>
}

/** What the cases of one module are made of. */
export interface ConformanceSubject {
  readonly module: JanusModule
  readonly fixtures: readonly ModuleFixture[]
}
