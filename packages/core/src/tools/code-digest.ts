import { packageDigest } from '../extensions/package-digest.js'

/**
 * Digest over what runs with a tool besides its program: the files of a package without what it depends on, or one file.
 * @param path absolute, without links
 * @returns `sha256-` and base64
 * @throws JANUS_MODULE_INTEGRITY when a link leads out of the package, or there is too much of it to look at; the errno error of what cannot be read
 */
export function codeDigest(path: string): Promise<string> {
  return packageDigest(path, { dependencies: false })
}
