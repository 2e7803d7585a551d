import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { lstat, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cached } from './cache-folder.js'
import { hostLacks } from './host-lacks.js'

const run = promisify(execFile)

/**
 * A folder with what Debian packages contain, and with all they need that this machine lacks, for the guest to lay over the
 * host's root. The packages are unpacked, not installed: no maintainer script runs, dpkg's database knows nothing of them,
 * and nothing on this machine changes. Needs apt's package lists and the network the first time, never root.
 *
 * @returns the folder, or undefined when this machine has every package already
 */
export async function obtainPackageLayer(packages: readonly string[]): Promise<string | undefined> {
  for (const name of packages) {
    if (!/^[a-z0-9][a-z0-9+.-]+$/.test(name)) throw new Error(`"${name}" is not the name of a Debian package`)
  }
  const needed = await missingPackages([...packages].sort())
  if (needed.length === 0) return undefined
  const identity = createHash('sha256')
    .update(`1 ${needed.join(' ')}`)
    .digest('hex')
    .slice(0, 16)
  return cached(`layers/${identity}`, (draft) => unpack(needed, draft))
}

/** `name=version` of everything that apt would install; an upgrade of what is there counts, for packages that need each other exactly. */
async function missingPackages(packages: readonly string[]): Promise<string[]> {
  if (packages.length === 0) return []
  const asked = packages.join(' ')
  const known = resolved.get(asked) ?? simulate(packages)
  resolved.set(asked, known)
  return known
}

// Asking apt takes a second, and a scenario boots several times.
const resolved = new Map<string, Promise<string[]>>()

async function simulate(packages: readonly string[]): Promise<string[]> {
  const args = ['--simulate', '--no-install-recommends', '-o', 'Debug::NoLocking=1', 'install', ...packages]
  const { stdout } = await run('apt-get', args, { env: { ...process.env, LC_ALL: 'C' } }).catch((error: Error) => {
    throw hostLacks(`apt offers no ${packages.join(', ')}; run "apt-get update"`, { cause: error })
  })
  const lines = stdout.matchAll(/^Inst (\S+) (?:\[\S+\] )?\((\S+) /gm)
  return [...lines].map(([, name, version]) => `${name}=${version}`).sort()
}

async function unpack(needed: readonly string[], folder: string): Promise<void> {
  const download = join(folder, 'download')
  await mkdir(download, { recursive: true })
  await run('apt-get', ['download', ...needed], { cwd: download }).catch((error: Error) => {
    const asked = needed.join(' ')
    throw hostLacks(`${asked} could not be downloaded; run "apt-get update" and try again`, { cause: error })
  })
  const root = join(folder, 'root')
  await mkdir(root)
  for (const archive of (await readdir(download)).filter((file) => file.endsWith('.deb')).sort()) {
    await run('dpkg-deb', ['-x', join(download, archive), root])
  }
  await rm(download, { recursive: true })
  await mergeIntoUsr(root)
  await writeFile(join(folder, 'packages'), `${needed.join('\n')}\n`)
}

/** `/bin`, `/sbin` and `/lib*` are links on the host: a folder of that name in a layer above would hide the whole of it. */
async function mergeIntoUsr(root: string): Promise<void> {
  const names = (await readdir(root)).filter((name) => /^(bin|sbin|lib\w*)$/.test(name))
  for (const name of names) {
    await move(join(root, name), join(root, 'usr', name))
  }
}

async function move(from: string, to: string): Promise<void> {
  const target = await lstat(to).catch(() => undefined)
  if (!target?.isDirectory() || !(await lstat(from)).isDirectory()) {
    await mkdir(join(to, '..'), { recursive: true })
    await rename(from, to)
    return
  }
  for (const name of await readdir(from)) await move(join(from, name), join(to, name))
  await rm(from, { recursive: true })
}
