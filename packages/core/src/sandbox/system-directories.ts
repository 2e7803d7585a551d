import { lstat, readlink } from 'node:fs/promises'

/** A directory of the operating system inside a sandbox: shown as it is, or a link as the host has it. */
export type SystemDirectory =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'link'; readonly path: string; readonly link: string }

const CANDIDATES = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/nix/store', '/gnu/store']

/** The directories that programs and their libraries lie in, on this host. */
export async function systemDirectories(): Promise<readonly SystemDirectory[]> {
  const found = await Promise.all(CANDIDATES.map(systemDirectory))
  return found.filter((directory) => directory !== undefined)
}

async function systemDirectory(path: string): Promise<SystemDirectory | undefined> {
  try {
    const stats = await lstat(path)
    if (stats.isSymbolicLink()) return { kind: 'link', path, link: await readlink(path) }
    return stats.isDirectory() ? { kind: 'directory', path } : undefined
  } catch {
    return undefined
  }
}
