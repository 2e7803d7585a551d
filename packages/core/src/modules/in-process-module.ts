import type { JanusModule } from '../contract/module.js'
import type { JsonValue } from '../contract/plan.js'
import type { ModuleAnswer, ModuleRun, RunnableModule } from '../contract/runnable-module.js'
import { isJanusError, janusError } from '../errors/janus-error.js'
import * as z from '../zod.js'

/** A module whose code runs in this process. */
export function inProcessModule(module: JanusModule): RunnableModule {
  const { id } = module.metadata
  const contextOf = ({ host, query, log, signal }: ModuleRun) => ({
    host,
    query,
    signal,
    log: log.child({ module: id }),
  })
  const plan = async (action: 'apply' | 'rollback', run: ModuleRun, options: unknown): Promise<ModuleAnswer> => {
    const parsed = parseOptions(module, options)
    const changes = await ask(id, () => module[action]({ ...contextOf(run), options: parsed }))
    return { options: toJson(parsed), changes }
  }
  return {
    metadata: module.metadata,
    supports: module.supports,
    isolation: 'in-process',
    trusted: true,
    optionsSchema: async () => optionsSchema(id, module.options),
    async check(run, options) {
      const parsed = options === undefined ? undefined : parseOptions(module, options)
      return ask(id, () => module.check({ ...contextOf(run), options: parsed }))
    },
    async apply(run, options) {
      if (module.supports.apply) return plan('apply', run, options)
      throw janusError('JANUS_MODULE_CHECK_ONLY', `module ${id} only checks, it has nothing to apply`, { module: id })
    },
    rollback: (run, options) => plan('rollback', run, options),
  }
}

async function ask(id: string, question: () => Promise<readonly unknown[]>): Promise<readonly unknown[]> {
  try {
    const answer = await question()
    if (Array.isArray(answer)) return answer
    throw new TypeError('it must return a list')
  } catch (error) {
    if (isJanusError(error)) throw error
    const message = `module ${id} failed: ${error instanceof Error ? error.message : String(error)}`
    throw janusError('JANUS_MODULE_CRASHED', message, { module: id, cause: error })
  }
}

function parseOptions(module: JanusModule, options: unknown): unknown {
  const parsed = module.options.safeParse(options ?? {})
  if (parsed.success) return parsed.data
  const { id } = module.metadata
  const issues = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
  const said = issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ')
  const remedy = `See \`janus module show ${id}\` for its options.`
  throw janusError('JANUS_OPTIONS_INVALID', `the options of ${id} are not valid: ${said}`, {
    module: id,
    remedy,
    data: { issues },
  })
}

function optionsSchema(id: string, options: z.ZodType): Readonly<Record<string, unknown>> {
  try {
    return z.toJSONSchema(options, { io: 'input', unrepresentable: 'any', target: 'draft-2020-12' })
  } catch (error) {
    const message = `the options of module ${id} cannot be told as JSON Schema`
    throw janusError('JANUS_MODULE_SHAPE_INVALID', message, { module: id, cause: error })
  }
}

/** Options as the plan and the journal hold them. */
function toJson(options: unknown): JsonValue {
  return JSON.parse(JSON.stringify(options ?? {})) as JsonValue
}
