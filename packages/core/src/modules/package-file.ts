import { constants } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import { join } from 'node:path'

const MOST_BYTES = 1_048_576
const PACKAGE_NAME = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/i

/** A package.json that was read: an object, and nothing else is certain about it. */
export interface PackageFile {
  /** Directory it lies in, without links. */
  readonly directory: string
  readonly content: Readonly<Record<string, unknown>>
}

/**
 * Reads the package.json in a directory as data. What it says is not to be trusted.
 * @returns undefined when there is none, or none that is a JSON object in a regular file of at most 1 MiB
 */
export async function readPackageFile(directory: string): Promise<PackageFile | undefined> {
  try {
    const real = await realpath(directory)
    const content: unknown = JSON.parse((await readSmallFile(join(real, 'package.json'))).replace(/^\uFEFF/, ''))
    return isObject(content) ? { directory: real, content } : undefined
  } catch {
    return undefined
  }
}

/** True for a name that npm would install: what can be joined to a path without leaving it. */
export function isPackageName(name: unknown): name is string {
  return typeof name === 'string' && name.length <= 214 && PACKAGE_NAME.test(name)
}

/** False for a path into `node_modules` or `.git`: what lies there is another package's, or nobody's. */
export function isOwnFile(path: string): boolean {
  return !path.split('/').some((part) => part === 'node_modules' || part === '.git')
}

/** Every package that a package.json depends on, development excluded unless asked for. */
export function dependencyNames(
  { content }: PackageFile,
  options: { readonly development?: boolean } = {},
): readonly string[] {
  const fields = ['dependencies', 'optionalDependencies', 'peerDependencies']
  if (options.development) fields.push('devDependencies')
  const names = fields.flatMap((field) => (isObject(content[field]) ? Object.keys(content[field]) : []))
  return [...new Set(names)].filter(isPackageName).sort()
}

/** True for an object that is no list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Reads a regular file of at most 1 MiB; a named pipe in its place does not make the reader wait. */
export async function readSmallFile(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stat = await file.stat()
    if (!stat.isFile() || stat.size > MOST_BYTES) throw new Error(`${path} is not a small regular file`)
    // Not readFile: on a file in one of Yarn's archives it fails once the size was asked for.
    const bytes = Buffer.alloc(stat.size)
    let length = 0
    for (let read = -1; length < bytes.length && read !== 0; length += read) {
      read = (await file.read(bytes, length, bytes.length - length, length)).bytesRead
    }
    return bytes.toString('utf8', 0, length)
  } finally {
    await file.close()
  }
}
