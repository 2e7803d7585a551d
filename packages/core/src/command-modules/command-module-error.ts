import type { JanusErrorCode } from '../errors/codes.js'
import { janusError } from '../errors/janus-error.js'
import type { DiscoveredModule } from '../modules/discovered-module.js'

/** What an error about a program carries besides. */
export interface CommandModuleErrorDetails {
  readonly remedy?: string
  readonly cause?: unknown
  readonly data?: Readonly<Record<string, unknown>>
}

/** An error that names the module, its version, where it lies, and where its bugs are reported. */
export function commandModuleError(
  { id, version, source, path, code: { bugs } = { directory: '', entry: '', kind: 'command' } }: DiscoveredModule,
  code: JanusErrorCode,
  message: string,
  { remedy = bugs === undefined ? undefined : `Report it to ${bugs}.`, cause, data }: CommandModuleErrorDetails = {},
): Error {
  return janusError(code, `module ${id} ${version}: ${message}`, {
    module: id,
    data: { package: source, version, ...(path === undefined ? {} : { path }), ...data },
    ...(remedy === undefined ? {} : { remedy }),
    ...(cause === undefined ? {} : { cause }),
  })
}
