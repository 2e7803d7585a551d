import { join } from 'node:path'
import { dependencyNames, type PackageFile } from '../modules/package-file.js'
import type { UserDirectories } from '../state/state-directory.js'

/** Where the extensions of a user are installed. */
export function extensionDirectory({ data }: Pick<UserDirectories, 'data'>): string {
  return join(data, 'extensions')
}

/** Names of the packages that are installed there. */
export function extensionNames(file: PackageFile): readonly string[] {
  return dependencyNames({ ...file, content: { dependencies: file.content.dependencies } })
}
