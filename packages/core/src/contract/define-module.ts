import type { z } from 'zod'
import { registerCore } from '../core-copies.js'
import { janusError } from '../errors/janus-error.js'
import type { JanusModule, ModuleDefinition } from './module.js'
import { KEBAB_CASE, SEMVER } from './patterns.js'
import { JANUS_BRAND, MODULE_BRAND, SUPPORTED_MODULE_API } from './symbols.js'

/**
 * Makes a module: checks its metadata, fills in what was left out, brands and freezes it.
 * @param definition metadata, options schema, check, and apply and rollback where it has them
 * @returns the module, ready to be exported
 * @throws JANUS_MODULE_SHAPE_INVALID naming the field; JANUS_MODULE_API_UNSUPPORTED
 */
export function defineModule<Schema extends z.ZodType>(definition: ModuleDefinition<Schema>): JanusModule<Schema> {
  registerCore()
  const { metadata } = definition
  requireField(KEBAB_CASE.test(metadata.id), metadata.id, 'metadata.id must be kebab-case')
  requireField(KEBAB_CASE.test(metadata.type), metadata.id, 'metadata.type must be kebab-case')
  requireField(SEMVER.test(metadata.version), metadata.id, 'metadata.version must be MAJOR.MINOR.PATCH')
  requireField(metadata.summary.trim() !== '', metadata.id, 'metadata.summary must not be empty')
  requireField(typeof definition.check === 'function', metadata.id, 'check must be a function')
  requireField(typeof definition.options?.safeParse === 'function', metadata.id, 'options must be a zod schema')
  for (const name of ['before', 'after'] as const) {
    const ids = metadata[name] ?? []
    const problem = `metadata.${name} must be a list of other modules' ids`
    requireField(
      Array.isArray(ids) && ids.every((id) => KEBAB_CASE.test(id) && id !== metadata.id),
      metadata.id,
      problem,
    )
  }
  if (!SUPPORTED_MODULE_API.includes(metadata.compatApi as 1)) {
    const message = `module ${metadata.id} needs Module API ${metadata.compatApi}, this core speaks ${SUPPORTED_MODULE_API.join(', ')}`
    throw janusError('JANUS_MODULE_API_UNSUPPORTED', message, { module: metadata.id })
  }
  return Object.freeze({
    ...definition,
    metadata: Object.freeze({ ...metadata }),
    [JANUS_BRAND]: MODULE_BRAND,
    supports: Object.freeze({
      apply: definition.apply !== undefined,
      rollback: definition.rollback === undefined ? 'journal' : 'planned',
    }),
    apply: definition.apply ?? (() => Promise.reject(checkOnly(metadata.id))),
    rollback: definition.rollback ?? (async () => []),
  }) as JanusModule<Schema>
}

/** True for a module made by any copy of core. */
export function isJanusModule(value: unknown): value is JanusModule {
  return typeof value === 'object' && value !== null && (value as Record<string, unknown>)[JANUS_BRAND] === MODULE_BRAND
}

function checkOnly(id: string): Error {
  return janusError('JANUS_MODULE_CHECK_ONLY', `module ${id} only checks, it has nothing to apply`, { module: id })
}

function requireField(holds: boolean, id: unknown, message: string): void {
  if (!holds) throw janusError('JANUS_MODULE_SHAPE_INVALID', `module ${JSON.stringify(id)}: ${message}`)
}
