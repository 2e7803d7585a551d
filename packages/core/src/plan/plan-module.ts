import { z } from 'zod'
import type { Host } from '../contract/host.js'
import type { Logger } from '../contract/logger.js'
import type { JanusModule } from '../contract/module.js'
import type { JsonValue, Plan } from '../contract/plan.js'
import type { Query } from '../contract/query.js'
import { isJanusError, janusError } from '../errors/janus-error.js'
import { createPlan } from './create-plan.js'

/** What planning with a module needs. */
export interface PlanModuleSettings {
  readonly host: Host
  readonly query: Query
  readonly log: Logger
  readonly signal: AbortSignal
  readonly by: string
  readonly owner: { readonly uid: number; readonly gid: number }
}

/**
 * Validates options, asks a module for its changes and makes a plan of them.
 * @param options untrusted
 * @throws JANUS_OPTIONS_INVALID, JANUS_MODULE_CHECK_ONLY, JANUS_MODULE_CRASHED, what the module refuses with, and what {@link createPlan} throws
 */
export async function planModule(settings: PlanModuleSettings, module: JanusModule, options: unknown): Promise<Plan> {
  const { id, version } = module.metadata
  if (!module.supports.apply)
    throw janusError('JANUS_MODULE_CHECK_ONLY', `module ${id} only checks, it has nothing to apply`, { module: id })
  const parsed = parseOptions(module, options)
  const { host, query, signal, by, owner } = settings
  const changes = await askModule(id, () =>
    module.apply({ host, query, signal, options: parsed, log: settings.log.child({ module: id }) }),
  )
  return createPlan({ host, module: { id, version }, options: toJson(parsed), changes, by, now: new Date(), owner })
}

function parseOptions(module: JanusModule, options: unknown): unknown {
  const parsed = module.options.safeParse(options ?? {})
  if (parsed.success) return parsed.data
  const { id } = module.metadata
  const issues = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
  const message = `the options of ${id} are not valid: ${z.prettifyError(parsed.error).replace(/\s*\n\s*/g, ' ')}`
  throw janusError('JANUS_OPTIONS_INVALID', message, { module: id, data: { issues } })
}

async function askModule(id: string, ask: () => Promise<readonly unknown[]>): Promise<readonly unknown[]> {
  try {
    const changes = await ask()
    if (Array.isArray(changes)) return changes
    throw new TypeError('apply must return a list of changes')
  } catch (error) {
    if (isJanusError(error)) throw error
    const message = `module ${id} failed: ${error instanceof Error ? error.message : String(error)}`
    throw janusError('JANUS_MODULE_CRASHED', message, { module: id, cause: error })
  }
}

/** Options as the plan and the journal hold them. */
function toJson(options: unknown): JsonValue {
  return JSON.parse(JSON.stringify(options ?? {})) as JsonValue
}
