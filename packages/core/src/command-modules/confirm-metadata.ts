import type { Logger } from '../contract/logger.js'
import type { DiscoveredModule } from '../modules/discovered-module.js'
import { commandModuleError } from './command-module-error.js'
import { type LocatedProgram, requireSameMetadata } from './locate-program.js'
import type { BashMode, LifecycleFunctions } from './program-command.js'
import { metadataProblem } from './program-metadata.js'
import { readMeta } from './read-meta.js'

/** Lifecycle functions by action, each with the name it had before Module API v1. */
const FUNCTIONS = {
  check: ['janus_module_check', 'check_capability'],
  apply: ['janus_module_apply', 'apply_config'],
  rollback: ['janus_module_rollback', 'rollback'],
} as const

/** What a program confirmed about itself, and what was not known before. */
export interface ConfirmedMetadata {
  readonly type: string
  readonly version: string
  readonly functions: LifecycleFunctions
}

/**
 * Compares what a program answers to `meta` with what it was found as. Where bash sources it, its functions are looked
 * for too; one that only has its former name is used, with a warning.
 * @param output what `meta` wrote to standard output
 * @throws JANUS_MODULE_METADATA_INVALID, JANUS_MODULE_API_UNSUPPORTED, JANUS_MODULE_VERSION_DRIFT, JANUS_MODULE_SHAPE_INVALID
 */
export function confirmMetadata(
  found: DiscoveredModule,
  { program }: LocatedProgram,
  mode: BashMode,
  output: string,
  log: Logger,
): ConfirmedMetadata {
  const meta = readMeta(output)
  const where = `${program.path} meta`
  if (meta.contradiction !== undefined) {
    const message = `${where} states ${meta.contradiction} twice, with different values`
    throw commandModuleError(found, 'JANUS_MODULE_METADATA_INVALID', message)
  }
  const problem = metadataProblem(meta)
  if (problem !== undefined) {
    const isSilent = meta.id === undefined && meta.type === undefined && meta.version === undefined
    const remedy = 'Answer meta with the lines id=, type=, version= and compat_api=.'
    const hint = isSilent && program.language === 'bash' ? ' (a file without a dispatcher needs exec mode source)' : ''
    throw commandModuleError(found, problem.code, `${where}: ${problem.what}${hint}`, isSilent ? { remedy } : {})
  }
  requireSameMetadata(found, meta, where)
  const isSourced = program.language === 'bash' && mode === 'source'
  const nameFor = (action: keyof typeof FUNCTIONS): string =>
    isSourced ? functionOf(found, action, meta.functions, program.path, log) : FUNCTIONS[action][0]
  nameFor('check')
  const functions = { apply: nameFor('apply'), rollback: nameFor('rollback') }
  return { type: meta.type ?? found.type, version: meta.version ?? found.version, functions }
}

function functionOf(
  found: DiscoveredModule,
  action: keyof typeof FUNCTIONS,
  defined: readonly string[],
  path: string,
  log: Logger,
): string {
  const [name, former] = FUNCTIONS[action]
  if (defined.includes(name)) return name
  if (!defined.includes(former)) {
    throw commandModuleError(found, 'JANUS_MODULE_SHAPE_INVALID', `${path} defines no function ${name}`)
  }
  log.child({ module: found.id }).warn(`${path} defines ${former}, which is called ${name} since Module API v1`)
  return former
}
