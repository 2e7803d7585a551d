import { writeFile } from 'node:fs/promises'

/** Writes a file that nobody else may write, whatever the umask: one that others may write is refused. */
export function writeOwnFile(path: string, content: string | Uint8Array): Promise<void> {
  return writeFile(path, content, { mode: 0o644 })
}
