import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Path of the package.json of this command; the same from the sources and from the built files. */
export const PACKAGE_JSON = fileURLToPath(new URL('../package.json', import.meta.url))

/** Version in a package.json. */
export function versionIn(packageJson: string): string {
  return (JSON.parse(readFileSync(packageJson, 'utf8')) as { version: string }).version
}
