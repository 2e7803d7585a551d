import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { SUPPORTED_MODULE_API } from '../contract/symbols.js'
import { placeOnDisk } from '../state/place-on-disk.js'

/** Where programs are looked for: by a module, and by us for bash. */
export const PROGRAM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * The environment of a program: this and its options, nothing of ours. No BASH_ENV, ENV, SHELLOPTS or BASHOPTS can get in.
 * @param home directory that HOME names
 */
export function programEnvironment(home: string): Readonly<Record<string, string>> {
  return {
    PATH: PROGRAM_PATH,
    HOME: home,
    LANG: 'C.UTF-8',
    JANUS_NONINTERACTIVE: '1',
    JANUS_LOG_ENABLE_COLOR: '0',
    JANUS_LOG_LIBRARY: logLibrary(),
    JANUS_MODULE_API_VERSION_SUPPORTED: String(Math.max(...SUPPORTED_MODULE_API)),
  }
}

/** Path of the logging library that comes with core, where bash finds it: `janus-log.sh`. */
export function logLibrary(): string {
  const core = dirname(createRequire(import.meta.url).resolve('@janus/core/package.json'))
  return placeOnDisk(join(core, 'lib', 'janus-log.sh')).path
}
