import { realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Executor } from '../contract/executor.js'
import type { Extension, ExtensionPreview, Extensions, TrustReview } from '../contract/extensions.js'
import { diagnosticOf, janusError } from '../errors/janus-error.js'
import type { AskingUser } from '../modules/asking-user.js'
import type { DiscoveredModule } from '../modules/discovered-module.js'
import { duplicateId, moduleNotFound, strongest } from '../modules/module-named.js'
import { isAlone, placeOf } from '../modules/module-policy.js'
import { isPackageName, type PackageFile, readPackageFile } from '../modules/package-file.js'
import { acquireHostLock } from '../state/host-lock.js'
import { prepareStateDirectory } from '../state/prepare-state-directory.js'
import { shellWord } from '../state/shell-word.js'
import { writeFileDurably } from '../state/write-file-durably.js'
import { changesBetween } from './changes-between.js'
import { extensionDirectory, extensionNames } from './extension-directory.js'
import { inStaging } from './in-staging.js'
import { readLockFile, writePin } from './lock-file.js'
import type { Pin } from './lock-schema.js'
import { npmEnvironment } from './npm-environment.js'
import { packageDigest } from './package-digest.js'
import { contentsOrNone, stateAt, stateOf } from './pinned-state.js'
import { previewExtension } from './preview-extension.js'
import { type NpmRun, runNpm } from './run-npm.js'

/** What the extensions of a user need. */
export interface ExtensionsSettings {
  readonly user: AskingUser
  readonly executor: Executor
  readonly env: Readonly<Record<string, string | undefined>>
  /** Directory that relative paths are relative to. */
  readonly cwd: string
  /** The modules that were found, for naming what is to be trusted. */
  readonly found: () => Promise<readonly DiscoveredModule[]>
}

const DIRECTORY_MODE = 0o700
const PACKAGE = {
  name: 'janus-extensions',
  private: true,
  description: 'Extensions of Janus. Managed by `janus module add` and `janus module remove`.',
}

/** Makes the extensions of a user; nothing is read before they are asked. */
export function createExtensions(settings: ExtensionsSettings): Extensions {
  const { user, executor, env, cwd } = settings
  const directory = extensionDirectory(user.directories[0])
  const npm: NpmRun = { executor, env: npmEnvironment(env), cwd: '/' }

  async function installed(): Promise<readonly PackageFile[]> {
    const file = await readPackageFile(directory)
    const names = file === undefined ? [] : extensionNames(file)
    const files = await Promise.all(names.map((name) => readPackageFile(join(directory, 'node_modules', name))))
    return files.filter((one) => one !== undefined)
  }

  async function list(): Promise<readonly Extension[]> {
    const { modules: pins } = await readLockFile(directory)
    return Promise.all((await installed()).map((file) => extensionOf(file, pins[String(file.content.name)])))
  }

  async function find(name: string): Promise<Extension | undefined> {
    const all = await list()
    return (
      all.find((one) => one.name === name) ?? all.find(({ brings }) => brings.modules.some(({ id }) => id === name))
    )
  }

  /** What two at once agree to must not get lost; the lock lies beside the directory, which is exchanged. */
  async function alone<Result>(purpose: string, work: () => Promise<Result>): Promise<Result> {
    const beside = dirname(directory)
    await prepareStateDirectory(beside, { uid: user.uid, mode: DIRECTORY_MODE })
    const lock = await acquireHostLock(join(beside, 'extensions.lock'), { purpose })
    return work().finally(() => lock.release())
  }

  return {
    directory,
    list,
    async preview(spec) {
      const preview = await previewExtension(npm, spec, cwd)
      const present = (await installed()).find(({ content }) => content.name === preview.name)
      return present === undefined ? preview : { ...preview, installed: String(present.content.version) }
    },
    async add(preview, { signal } = {}) {
      return alone(`module add ${preview.name}`, async () => {
        await prepareDirectory(directory, user)
        const pin = await inStaging(directory, async (staging) => {
          const run = { ...npm, cwd: staging, ...(signal === undefined ? {} : { signal }) }
          await runNpm(run, { command: 'install', flags: [...WRITING, '--prefix', staging], words: [preview.spec] })
          const file = await requireSame(staging, preview)
          const state: Pin = { ...(await stateOf(file, staging, { dependencies: false })), trusted: false }
          await writePin(staging, preview.name, state)
          return state
        })
        return extensionOf(await requireSame(directory, preview), pin)
      })
    },
    find,
    async remove(name) {
      const extension = await find(name)
      if (extension === undefined) {
        const known = (await list()).map((one) => one.name).join(', ') || 'none'
        throw janusError('JANUS_PACKAGE_NOT_FOUND', `${JSON.stringify(name)} is not among your extensions (${known})`)
      }
      await alone(`module remove ${extension.name}`, () => uninstall(npm, directory, extension.name))
      return extension
    },
    async reviewTrust(name) {
      const { place, key, file, version } = await subjectOf(name, directory, await settings.found())
      const { modules: pins } = await readLockFile(directory)
      const pinned = Object.hasOwn(pins, key) ? pins[key] : undefined
      const stated = await stateAt(place, file, directory, { dependencies: true })
      const now = file === undefined ? { ...stated, version } : stated
      const comparable =
        pinned === undefined ? now : await stateAt(place, file, directory, { dependencies: pinned.trusted })
      const changes = pinned === undefined ? [] : changesBetween(pinned, { ...comparable, version: now.version })
      const program = file === undefined ? { isProgram: true } : {}
      return { name: key, path: place, ...program, now, ...(pinned === undefined ? {} : { pinned }), changes }
    },
    async trust({ name, path, now }: TrustReview) {
      const file = await readPackageFile(path)
      const state = await stateAt(path, file, directory, { dependencies: true })
      if (state.files !== now.files)
        throw janusError('JANUS_MODULE_INTEGRITY', `${path} has changed since it was reviewed`)
      await alone(`module trust ${name}`, async () => {
        await prepareDirectory(directory, user)
        await writePin(directory, name, { ...now, trusted: true })
      })
    },
  }
}

/** Scripts of packages never run, whatever the user's npm is configured for. */
const WRITING = ['--ignore-scripts', '--save-exact', '--save-prod', '--no-global', '--install-links', '--package-lock']

async function prepareDirectory(directory: string, { uid }: AskingUser): Promise<void> {
  await prepareStateDirectory(directory, { uid, mode: DIRECTORY_MODE })
  if ((await readPackageFile(directory)) !== undefined) return
  const text = `${JSON.stringify(PACKAGE, null, 2)}\n`
  await writeFileDurably(join(directory, 'package.json'), Buffer.from(text), { mode: 0o600 })
}

async function uninstall(npm: NpmRun, directory: string, name: string): Promise<void> {
  await writePin(directory, name, undefined)
  await runNpm(
    { ...npm, cwd: directory },
    { command: 'uninstall', flags: ['--ignore-scripts', '--no-global', '--prefix', directory], words: [name] },
  )
}

/** What lies there now must be what was shown. */
async function requireSame(directory: string, preview: ExtensionPreview): Promise<PackageFile> {
  const file = await readPackageFile(join(directory, 'node_modules', preview.name))
  const came = file === undefined ? undefined : await stateOf(file, directory, { dependencies: false })
  const differs =
    came === undefined
      ? 'nothing was installed'
      : came.version !== preview.version
        ? `version ${came.version} was installed`
        : preview.integrity !== undefined && came.integrity !== preview.integrity
          ? `another archive was installed (${came.integrity ?? 'without a digest'})`
          : JSON.stringify(came.brings) !== JSON.stringify(preview.brings)
            ? 'its manifest is not the one that the registry shows'
            : undefined
  if (file !== undefined && differs === undefined) return file
  throw janusError('JANUS_MODULE_INTEGRITY', `${preview.name}@${preview.version} was shown, but ${differs}`)
}

async function extensionOf(file: PackageFile, pin: Pin | undefined): Promise<Extension> {
  const { name, version } = file.content
  const diagnostics = pin === undefined ? [] : await problemsOf(file, pin)
  const brings = await contentsOrNone(file)
  return {
    name: String(name),
    version: String(version),
    trusted: pin?.trusted === true && diagnostics.length === 0,
    ...(pin?.integrity === undefined ? {} : { integrity: pin.integrity }),
    brings,
    diagnostics,
  }
}

async function problemsOf(file: PackageFile, pin: Pin): Promise<Extension['diagnostics']> {
  const files = await packageDigest(file.directory, { dependencies: pin.trusted }).catch(() => undefined)
  if (files === pin.files && pin.version === file.content.version) return []
  const message = `${file.directory} is not what was agreed to`
  const remedy = `Read what changed with \`janus module trust ${shellWord(String(file.content.name))} --dry-run\`, or install it again.`
  return [diagnosticOf(janusError('JANUS_MODULE_INTEGRITY', message, { remedy }))]
}

/** What somebody names for being trusted: a module by its id, or a package by its name. */
async function subjectOf(
  name: string,
  directory: string,
  found: readonly DiscoveredModule[],
): Promise<{
  readonly place: string
  readonly key: string
  readonly file: PackageFile | undefined
  readonly version: string
}> {
  const meant = found.filter(({ code, id, source }) => code !== undefined && (id === name || source === name))
  const [module, ...others] = strongest(meant).filter(
    (one, index, all) => all.findIndex((other) => placeOf(other) === placeOf(one)) === index,
  )
  if (module !== undefined && others.length > 0) throw duplicateId(name, [module, ...others])
  const place = module === undefined ? await installedPlace(directory, name) : placeOf(module)
  if (place === undefined) throw moduleNotFound(name, found)
  if (module?.own === true)
    throw janusError('JANUS_USAGE', `${name} comes with the program that runs, and is trusted as that is`)
  if (module !== undefined && isAlone(module)) {
    const message = `${place} is a file by itself: what it imports cannot be pinned with it`
    throw janusError('JANUS_USAGE', message, { remedy: 'Make it a package, with a manifest: `janus module create`.' })
  }
  const file = await readPackageFile(place)
  const packageName = String(file?.content.name ?? '')
  const own = await realpath(join(directory, 'node_modules', packageName)).catch(() => undefined)
  return { place, key: own === place ? packageName : place, file, version: module?.version ?? 'unknown' }
}

/** Where a package lies that was installed, also one that brings no modules. */
async function installedPlace(directory: string, name: string): Promise<string | undefined> {
  if (!isPackageName(name)) return undefined
  return (await readPackageFile(join(directory, 'node_modules', name)))?.directory
}
