import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

// This file imports nothing but Node: the job that may publish runs it by `node`, with no package installed.

/** One line of `packages.json`, which `npm run release:dry -- --keep FOLDER` writes in the order of publishing. */
interface Entry {
  readonly name: string
  readonly version: string
  readonly tarball: string
  /** `sha512-…` of the tarball as it was checked. */
  readonly integrity: string
}

const run = promisify(execFile)

/**
 * Publishes the tarballs of a folder to the registry of npm's settings: exactly the bytes that the dry run checked. What is
 * there already is left alone, so it can be run again after a failure; another content under the same version is an error.
 */
async function main(folder: string | undefined): Promise<number> {
  if (folder === undefined)
    throw new Error('usage: publish-packages.ts FOLDER, as `npm run release:dry -- --keep FOLDER` made it')
  const entries = JSON.parse(await readFile(join(folder, 'packages.json'), 'utf8')) as readonly Entry[]
  for (const entry of entries) await requireUnchanged(folder, entry)
  for (const entry of entries) process.stdout.write(`${await publish(folder, entry)} ${entry.name} ${entry.version}\n`)
  return 0
}

async function requireUnchanged(folder: string, { tarball, integrity }: Entry): Promise<void> {
  const found = `sha512-${createHash('sha512')
    .update(await readFile(join(folder, tarball)))
    .digest('base64')}`
  if (found !== integrity) throw new Error(`${tarball} is not what was checked: ${found} instead of ${integrity}`)
}

async function publish(folder: string, { name, version, tarball, integrity }: Entry): Promise<string> {
  const there = await publishedIntegrity(`${name}@${version}`)
  if (there === integrity) return 'already there:'
  if (there !== undefined) throw new Error(`${name} ${version} is published with another content: ${there}`)
  await run('npm', ['publish', `./${tarball}`], { cwd: folder })
  return 'published:'
}

async function publishedIntegrity(specifier: string): Promise<string | undefined> {
  try {
    const { stdout } = await run('npm', ['view', specifier, 'dist.integrity', '--json'])
    return stdout.trim() === '' ? undefined : (JSON.parse(stdout) as string)
  } catch (error) {
    if (String((error as { stdout?: string }).stdout).includes('E404')) return undefined
    throw error
  }
}

try {
  process.exitCode = await main(process.argv[2])
} catch (error) {
  const { message, stderr } = error as Error & { readonly stderr?: string }
  process.stderr.write(`${stderr ?? ''}${message}\n`)
  process.exitCode = 1
}
