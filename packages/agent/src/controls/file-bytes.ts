import { lstat } from 'node:fs/promises'

/** Bytes of these files together; what is not there, or cannot be looked at, has none. */
export async function fileBytes(paths: readonly string[]): Promise<number> {
  const sizes = await Promise.all(
    paths.map((path) =>
      lstat(path).then(
        (stat) => (stat.isFile() ? stat.size : 0),
        () => 0,
      ),
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
