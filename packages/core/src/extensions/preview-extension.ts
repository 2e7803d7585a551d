import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import type { ExtensionPreview, PackageContents } from '../contract/extensions.js'
import { janusError } from '../errors/janus-error.js'
import { isObject, isPackageName, type PackageFile, readPackageFile } from '../modules/package-file.js'
import { checksOfPackage, commandsOfPackage, modulesOfPackage, toolsOfPackage } from '../modules/read-manifest.js'
import { type NpmRun, runNpm } from './run-npm.js'

const FIELDS = ['name', 'version', 'description', 'dist.integrity', 'dist.tarball', 'janus']
const VERSION_SPEC = /^[\w.^~<>=| *+-]{0,200}$/
const INTEGRITY = /^sha(256|384|512)-[A-Za-z0-9+/=]{20,200}$/

/**
 * Says what a package is and brings, without installing it: from the registry, or from its directory.
 * @param spec as `npm install` takes it, but only names of the registry and directories
 * @param from directory that a relative path is relative to
 */
export async function previewExtension(
  npm: NpmRun,
  spec: string,
  from: string,
): Promise<Omit<ExtensionPreview, 'installed'>> {
  if (/^(\.{0,2}\/|\.\.?$)/.test(spec)) return previewDirectory(isAbsolute(spec) ? spec : resolve(from, spec))
  requireRegistrySpec(spec)
  const found = parseView(spec, await viewPackage(npm, spec))
  const integrity = found['dist.integrity']
  const preview = previewOf({ directory: '', content: found })
  if (typeof integrity !== 'string' || !INTEGRITY.test(integrity))
    throw janusError('JANUS_MODULE_INTEGRITY', `the registry states no digest for ${preview.name}@${preview.version}`)
  const registry = originOf(found['dist.tarball'])
  return {
    spec: `${preview.name}@${preview.version}`,
    ...preview,
    integrity,
    ...(registry === undefined ? {} : { registry }),
  }
}

/** Looking leaves nothing behind: npm's notes of what it asked go where they are thrown away. */
async function viewPackage(npm: NpmRun, spec: string): Promise<string> {
  const cache = await mkdtemp(join(tmpdir(), 'janus-npm-'))
  try {
    return await runNpm(npm, { command: 'view', flags: ['--json', '--cache', cache], words: [spec, ...FIELDS] })
  } finally {
    await rm(cache, { recursive: true, force: true })
  }
}

/** Where the archive comes from, which is what somebody should know of a registry. */
function originOf(address: unknown): string | undefined {
  return typeof address === 'string' && URL.canParse(address) ? new URL(address).origin.slice(0, 300) : undefined
}

/** What a package brings, by its package.json; throws what is wrong with its manifest. */
export function contentsOf(file: PackageFile): PackageContents {
  const modules = modulesOfPackage(file)
  const problem = modules.flatMap(({ diagnostics }) => diagnostics)[0]
  if (problem !== undefined) {
    const code = problem.code === 'JANUS_MODULE_API_UNSUPPORTED' ? problem.code : 'JANUS_MODULE_MANIFEST_INVALID'
    throw janusError(code, problem.summary, problem.remedy === undefined ? {} : { remedy: problem.remedy })
  }
  const checks = checksOfPackage(file).map(({ name }) => name)
  const tools = toolsOfPackage(file).map(({ name }) => name)
  return {
    modules: modules.map(({ id, type }) => ({ id, type })),
    commands: commandsOfPackage(file).map(({ name }) => name),
    ...(checks.length === 0 ? {} : { checks }),
    ...(tools.length === 0 ? {} : { tools }),
  }
}

async function previewDirectory(path: string): Promise<Omit<ExtensionPreview, 'installed'>> {
  const file = await readPackageFile(path)
  if (file === undefined) throw janusError('JANUS_PACKAGE_NOT_FOUND', `${path} is not a directory with a package.json`)
  return { spec: file.directory, ...previewOf(file) }
}

function previewOf(file: PackageFile): Pick<ExtensionPreview, 'name' | 'version' | 'description' | 'brings'> {
  const { name, version, description } = file.content
  if (!isPackageName(name) || typeof version !== 'string')
    throw janusError('JANUS_MODULE_MANIFEST_INVALID', `${file.directory || 'the package'} has no name or no version`)
  const brings = contentsOf(file)
  if (Object.values(brings).every((names) => names.length === 0)) {
    const message = `package ${name} brings no modules: its package.json has no janus field that names any`
    throw janusError('JANUS_MODULE_MANIFEST_INVALID', message, { remedy: 'Install it with npm where it is used.' })
  }
  const text = typeof description === 'string' ? { description: description.slice(0, 500) } : {}
  return { name, version, ...text, brings }
}

/** Several versions may fit a range: the last one is the newest. */
function parseView(spec: string, output: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = output.trim() === '' ? undefined : JSON.parse(output)
  } catch (cause) {
    throw janusError('JANUS_PACKAGE_MANAGER_FAILED', `npm view ${spec} did not answer in JSON`, { cause })
  }
  const found = Array.isArray(value) ? value.at(-1) : value
  if (isObject(found)) return found
  throw janusError('JANUS_PACKAGE_NOT_FOUND', `the registry has no version of ${spec}`)
}

/** Addresses of archives and repositories have no digest that could be shown before they are fetched. */
function requireRegistrySpec(spec: string): void {
  const at = spec.indexOf('@', 1)
  const name = at === -1 ? spec : spec.slice(0, at)
  if (isPackageName(name) && !name.startsWith('-') && VERSION_SPEC.test(at === -1 ? '' : spec.slice(at + 1))) return
  const remedy = 'Name a package of the registry (name, name@1.2, name@tag), or a directory (./name).'
  throw janusError(
    'JANUS_USAGE',
    `${JSON.stringify(spec.slice(0, 200))} is not a package that can be looked at first`,
    { remedy },
  )
}
