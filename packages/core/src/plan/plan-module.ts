import type { Plan } from '../contract/plan.js'
import type { ModuleRun, RunnableModule } from '../contract/runnable-module.js'
import { createPlan } from './create-plan.js'

/** What planning with a module needs. */
export interface PlanModuleSettings extends ModuleRun {
  readonly by: string
  readonly owner: { readonly uid: number; readonly gid: number }
  /** `rollback` asks for the removal of left-overs that no journal knows. Default `apply`. */
  readonly action?: 'apply' | 'rollback'
}

/**
 * Asks a module for its changes and makes a plan of them.
 * @param options untrusted
 * @throws what {@link RunnableModule.apply} rejects with, and what {@link createPlan} throws
 */
export async function planModule(
  settings: PlanModuleSettings,
  module: RunnableModule,
  options: unknown,
): Promise<Plan> {
  const { id, version } = module.metadata
  const { host, by, owner, action = 'apply' } = settings
  const { trusted } = module
  const answer = await module[action](settings, options)
  return createPlan({ host, module: { id, version }, ...answer, by, now: new Date(), owner, trusted })
}
