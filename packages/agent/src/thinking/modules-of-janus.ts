import { isJanusError, type Janus, type JsonValue, type ModuleRow } from '@janus/core'
import { agentError } from '../errors/agent-error.js'
import type { ModuleSummary } from './build-prompt.js'
import type { ThinkOptions } from './think-options.js'

/** What of core's facade plans are made with; with `describe` the model is told the options of each module. */
export type PlanningJanus = Pick<Janus, 'modules' | 'plan'> & Partial<Pick<Janus, 'describe'>>

/**
 * The modules of this machine that a model may ask plans of: those that are enabled. The module makes the plan, of options that its own schema has read; a loss that an undo does not bring back
 * is accepted by nobody, so that a plan with one is applied only when people propose it.
 * @param signal ends a plan that is being made
 */
export async function modulesOfJanus(
  janus: PlanningJanus,
  signal: AbortSignal,
): Promise<NonNullable<ThinkOptions['modules']>> {
  const rows = await janus.modules()
  const enabled = rows.filter(({ status }) => status === 'ready' || status === 'enabled')
  return {
    summaries: await Promise.all(enabled.map((row) => summaryOf(janus, row))),
    plan: async ({ module, options }) => {
      const plan = await janus.plan(module, options, { signal })
      if (plan.changes.length > 0) return { plan: plan as unknown as JsonValue }
      throw agentError('JANUS_AGENT_PROPOSAL_INVALID', 'the machine is so already: the plan has no changes', {
        data: { rule: 'plan' },
      })
    },
  }
}

async function summaryOf({ describe }: PlanningJanus, { id, summary = id }: ModuleRow): Promise<ModuleSummary> {
  try {
    const described = await describe?.(id)
    return { id, summary, options: described === undefined ? 'an object' : JSON.stringify(described.optionsSchema) }
  } catch (error) {
    if (isJanusError(error)) return { id, summary, options: 'an object' }
    throw error
  }
}
