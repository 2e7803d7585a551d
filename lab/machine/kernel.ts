import { execFile } from 'node:child_process'
import { copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cached } from './cache-folder.js'
import { hostLacks } from './host-lacks.js'

const run = promisify(execFile)

/** An unpacked stock kernel in the cache. */
export interface Kernel {
  /** The Debian package, for instance `linux-image-6.1.0-56-amd64`. */
  readonly package: string
  readonly packageVersion: string
  /** What `uname -r` says in the guest. */
  readonly release: string
  readonly image: string
  /** A folder with `vmlinuz-<release>` and `config-<release>`, as in `/boot` of an installed machine. */
  readonly boot: string
  /** `…/lib/modules/<release>`, complete, with depmod's indexes. */
  readonly modules: string
}

/**
 * The stock Debian kernel: the one apt offers as `linux-image-amd64`, or with `series` (or JANUS_LAB_KERNEL) the newest of a
 * series such as `6.12`. Needs apt's package lists and the network the first time, never root.
 */
export function obtainKernel(series = process.env.JANUS_LAB_KERNEL || 'stock'): Promise<Kernel> {
  const known = obtained.get(series) ?? locate(series)
  obtained.set(series, known)
  return known
}

// Asking apt takes a second, and a scenario boots several times.
const obtained = new Map<string, Promise<Kernel>>()

async function locate(series: string): Promise<Kernel> {
  const name = series === 'stock' ? await stockPackage() : await newestOfSeries(series)
  const packageVersion = await candidateVersion(name)
  const folder = await cached(`kernels/2/${name}_${packageVersion.replace(/[^\w.+~-]/g, '_')}`, (draft) =>
    unpack(name, packageVersion, draft),
  )
  const [release] = await readdir(join(folder, 'lib/modules'))
  if (!release) throw new Error(`${folder} holds no kernel; delete it and try again`)
  return {
    package: name,
    packageVersion,
    release,
    image: join(folder, 'boot', `vmlinuz-${release}`),
    boot: join(folder, 'boot'),
    modules: join(folder, 'lib/modules', release),
  }
}

async function stockPackage(): Promise<string> {
  const { stdout } = await run('apt-cache', ['depends', '--important', 'linux-image-amd64']).catch(() => ({
    stdout: '',
  }))
  const name = /Depends: (linux-image-\S+)/.exec(stdout)?.[1]
  if (!name) throw hostLacks('apt knows no linux-image-amd64: the lab needs Debian; run "apt-get update" if it is one')
  return name
}

async function newestOfSeries(series: string): Promise<string> {
  if (!/^\d+\.\d+$/.test(series))
    throw hostLacks(`JANUS_LAB_KERNEL is "stock" or a series such as 6.12, not "${series}"`)
  const pattern = `^linux-image-${series.replace('.', '\\.')}[.][^ ]*-amd64(-unsigned)?$`
  const { stdout } = await run('apt-cache', ['search', '--names-only', pattern])
  const names = stdout.split('\n').map((line) => line.split(' ')[0] ?? '')
  // Apt also lists kernels that the mirror no longer carries; those have no candidate version.
  const usable = names.filter((name) => name !== '' && !/-(rt|cloud)-amd64/.test(name)).sort(signedAndNewestFirst)
  for (const name of usable) if ((await candidateVersion(name).catch(() => '')) !== '') return name
  throw hostLacks(
    `apt offers no kernel of the series ${series}; run "apt-get update", or add the release that carries it`,
  )
}

function signedAndNewestFirst(left: string, right: string): number {
  const [a, b] = [left, right].map((name) => name.replace(/-unsigned$/, '')) as [string, string]
  return b.localeCompare(a, 'en', { numeric: true }) || left.length - right.length
}

async function candidateVersion(name: string): Promise<string> {
  const { stdout } = await run('apt-cache', ['policy', name])
  const version = /Candidate: (\S+)/.exec(stdout)?.[1]
  if (!version || version === '(none)') throw hostLacks(`apt offers no ${name}; run "apt-get update"`)
  return version
}

async function unpack(name: string, version: string, folder: string): Promise<void> {
  const download = join(folder, 'download')
  await mkdir(download, { recursive: true })
  await run('apt-get', ['download', `${name}=${version}`], { cwd: download }).catch((error: Error) => {
    throw hostLacks(`${name} ${version} could not be downloaded; run "apt-get update" and try again`, { cause: error })
  })
  const [archive] = (await readdir(download)).filter((file) => file.endsWith('.deb'))
  if (!archive) throw new Error(`apt-get download left no archive of ${name}`)
  const content = join(download, 'content')
  await run('dpkg-deb', ['-x', join(download, archive), content])
  // Debian 13 and later ship modules below /usr/lib only.
  await mkdir(join(folder, 'lib'))
  await rename(join(content, 'lib/modules'), join(folder, 'lib/modules')).catch(() =>
    rename(join(content, 'usr/lib/modules'), join(folder, 'lib/modules')),
  )
  const [release] = await readdir(join(folder, 'lib/modules'))
  if (!release) throw new Error(`${name} holds no kernel modules`)
  await mkdir(join(folder, 'boot'))
  for (const kind of ['vmlinuz', 'config']) {
    await copyFile(join(content, 'boot', `${kind}-${release}`), join(folder, 'boot', `${kind}-${release}`))
  }
  await rm(download, { recursive: true })
  await run('depmod', ['-b', folder, release], { env: withSystemPath() })
}

function withSystemPath(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` }
}
