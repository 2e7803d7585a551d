import { createRequire } from 'node:module'
import { join } from 'node:path'

/** What Yarn's loader offers to who runs under it (Plug'n'Play API 1). */
interface PlugAndPlayApi {
  resolveToUnqualified(request: string, issuer: string): string | null
}

/**
 * Where a package lies, as Yarn's Plug'n'Play loader says; undefined where there is no such loader, or no such package.
 * @param directory of the package that depends on it
 */
export function packageOfPlugAndPlay(directory: string, name: string): string | undefined {
  if (process.versions.pnp === undefined) return undefined
  const require = createRequire(join(directory, 'package.json'))
  try {
    const { resolveToUnqualified } = require('pnpapi') as PlugAndPlayApi
    return resolveToUnqualified(name, `${directory}/`) ?? undefined
  } catch {
    // The loader refuses what a package does not declare, which for us means that it is not there.
    return undefined
  }
}
