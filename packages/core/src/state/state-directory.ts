import { isAbsolute, join, normalize } from 'node:path'
import { janusError } from '../errors/janus-error.js'

/** Environment variables, as `process.env` holds them. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Where the journal of the machine lies. */
export const MACHINE_STATE_DIRECTORY = '/var/lib/janus'

/**
 * Where the journal lies: `JANUS_STATE_DIR` if set, `/var/lib/janus` for root, otherwise the user's own state directory.
 * @throws JANUS_USAGE when `JANUS_STATE_DIR` is not absolute
 */
export function stateDirectory(who: {
  readonly uid: number
  readonly env: Environment
  readonly home: string
}): string {
  const named = who.env.JANUS_STATE_DIR
  if (named !== undefined && named !== '') {
    if (!isAbsolute(named))
      throw janusError('JANUS_USAGE', `JANUS_STATE_DIR must be an absolute path, not ${JSON.stringify(named)}`)
    return withoutTrailingSlash(normalize(named))
  }
  return who.uid === 0 ? MACHINE_STATE_DIRECTORY : userDirectories(who.env, who.home).state
}

/** The directories of a user, by the XDG Base Directory Specification 0.8. */
export interface UserDirectories {
  readonly config: string
  readonly state: string
  readonly cache: string
  readonly data: string
}

/**
 * Where a user's own files lie. A relative XDG value is invalid by the specification and ignored.
 * @param home the user's home directory, absolute
 */
export function userDirectories(env: Environment, home: string): UserDirectories {
  const directory = (variable: string, fallback: string): string => {
    const value = env[variable]
    return join(value !== undefined && isAbsolute(value) ? value : join(home, fallback), 'janus')
  }
  return {
    config: directory('XDG_CONFIG_HOME', '.config'),
    state: directory('XDG_STATE_HOME', '.local/state'),
    cache: directory('XDG_CACHE_HOME', '.cache'),
    data: directory('XDG_DATA_HOME', '.local/share'),
  }
}

function withoutTrailingSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}
