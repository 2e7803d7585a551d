import { execFile } from 'node:child_process'
import { open, stat } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A sparse raw disk image, empty or with an ext4 file system over its whole size. */
export async function createDiskImage(
  path: string,
  options: { sizeMiB?: number; ext4?: boolean } = {},
): Promise<string> {
  const file = await open(path, 'w')
  await file.truncate((options.sizeMiB ?? 64) * 1024 * 1024)
  await file.close()
  if (options.ext4) {
    const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` }
    await run('mkfs.ext4', ['-q', '-F', path], { env })
  }
  return path
}

/** Copies a file out of an ext4 image that no guest has mounted: what a guest built, for the next boot. */
export async function readFromDisk(image: string, path: string, to: string): Promise<string> {
  const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` }
  const { stderr } = await run('debugfs', ['-R', `dump "${path}" "${to}"`, image], { env })
  const size = await stat(to).then(
    ({ size }) => size,
    () => 0,
  )
  if (size === 0) throw new Error(`${path} is not on ${image}: ${stderr}`)
  return to
}
