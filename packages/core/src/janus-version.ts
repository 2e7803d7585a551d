import { createRequire } from 'node:module'

/** The version of this core, from its package.json. */
export function janusVersion(): string {
  return (createRequire(import.meta.url)('@janus/core/package.json') as { version: string }).version
}
