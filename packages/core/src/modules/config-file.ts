import { janusError } from '../errors/janus-error.js'
import { errnoOf } from '../state/errno-of.js'
import type { AskingUser } from './asking-user.js'
import type { NamedModule } from './config-schema.js'
import { readSmallFile } from './package-file.js'
import { requireSafeFile } from './safe-module-path.js'

/**
 * Reads the modules that a configuration file names.
 * @param path absolute
 * @returns an empty list when there is no such file
 * @throws JANUS_CONFIG_INVALID naming file and field; JANUS_MODULE_PATH_UNSAFE as root
 */
export async function readConfigFile(path: string, user: AskingUser): Promise<readonly NamedModule[]> {
  let content: unknown
  try {
    content = JSON.parse((await readSmallFile(path)).replace(/^\uFEFF/, ''))
  } catch (cause) {
    const errno = errnoOf(cause)
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return []
    const why = cause instanceof SyntaxError ? 'it is not JSON' : (errno ?? 'it is not a small regular file')
    throw janusError('JANUS_CONFIG_INVALID', `${path} cannot be read: ${why}`, { data: { path }, cause })
  }
  await requireSafeFile(path, user)
  const { parseConfiguration } = await import('./config-schema.js')
  const parsed = parseConfiguration(content)
  if ('configuration' in parsed) return parsed.configuration.modules
  const { field, problem } = parsed
  throw janusError('JANUS_CONFIG_INVALID', `${path}: ${field}: ${problem}`, { data: { path, field } })
}
