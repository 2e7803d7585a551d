import { join } from 'node:path'
import type { Diagnostic } from '../contract/diagnostic.js'
import type { Manifest, ManifestModule } from '../contract/manifest.js'
import { SEMVER } from '../contract/patterns.js'
import { SUPPORTED_MODULE_API } from '../contract/symbols.js'
import { diagnosticOf, janusError } from '../errors/janus-error.js'
import type * as z from '../zod.js'
import type { DiscoveredModule } from './discovered-module.js'
import { foreignManifestSchema, manifestSchema } from './manifest-schema.js'
import { isObject, isPackageName, type PackageFile } from './package-file.js'

/** Compiling a reader for a schema takes longer than reading a few values without. */
const READ_ONCE = { jitless: true } as const

/** What a package says of itself, as far as it can be printed. */
interface PackageIdentity {
  readonly name: string
  readonly version: string
  readonly bugs: string | undefined
  readonly directory: string
}

/**
 * The modules that a package.json names in its `janus` field, as data; no code of the package runs. A package without
 * the field has none; one whose field is malformed, or written for another Module API, gives modules that say so.
 */
export function modulesOfPackage(file: PackageFile): readonly DiscoveredModule[] {
  const { content } = file
  if (!Object.hasOwn(content, 'janus')) return []
  const identity = identityOf(file)
  const foreign = foreignModules(identity, content.janus)
  if (foreign !== undefined) return foreign
  const parsed = manifestSchema.safeParse(content.janus, READ_ONCE)
  if (!parsed.success) return [broken(identity, `its janus field is malformed: ${oneLine(parsed.error)}`)]
  if (!isPackageName(content.name)) return [broken(identity, 'it has no name that npm would install')]
  if (!SEMVER.test(identity.version)) return [broken(identity, 'its version is not MAJOR.MINOR.PATCH')]
  return parsed.data.modules.map((module) => found(identity, module))
}

/** The commands that a package.json names in its `janus` field, as data; none when the field is malformed. */
export function commandsOfPackage({ content }: PackageFile): NonNullable<Manifest['commands']> {
  return manifestSchema.safeParse(content.janus, READ_ONCE).data?.commands ?? []
}

/** The checks for `janus doctor` that a package.json names in its `janus` field, as data; none when the field is malformed. */
export function checksOfPackage({ content }: PackageFile): NonNullable<Manifest['checks']> {
  return manifestSchema.safeParse(content.janus, READ_ONCE).data?.checks ?? []
}

/** The tools that a package.json names in its `janus` field, as data; none when the field is malformed, or written for another Module API. */
export function toolsOfPackage(file: PackageFile): NonNullable<Manifest['tools']> {
  const { content } = file
  if (foreignModules(identityOf(file), content.janus) !== undefined || !isPackageName(content.name)) return []
  return manifestSchema.safeParse(content.janus, READ_ONCE).data?.tools ?? []
}

function found(identity: PackageIdentity, module: ManifestModule): DiscoveredModule {
  const { name, version, bugs, directory } = identity
  return {
    id: module.id,
    type: module.type,
    version,
    source: name,
    path: join(directory, module.entry),
    ...(module.summary === undefined ? {} : { summary: module.summary }),
    code: {
      directory,
      entry: module.entry,
      kind: module.kind ?? 'javascript',
      ...(module.export === undefined ? {} : { export: module.export }),
      ...(bugs === undefined ? {} : { bugs }),
    },
    diagnostics: [],
  }
}

/** Modules for a Module API that this core does not speak; undefined when it does, or nothing can be told. */
function foreignModules(identity: PackageIdentity, manifest: unknown): readonly DiscoveredModule[] | undefined {
  const api = isObject(manifest) ? manifest.api : undefined
  if (!isWholeNumber(api) || SUPPORTED_MODULE_API.includes(api as 1)) return undefined
  const { name, version, bugs, directory } = identity
  const remedy =
    api > Math.max(...SUPPORTED_MODULE_API)
      ? 'Install a newer Janus: npm install @janus/cli@latest @janus/core@latest.'
      : `Ask ${bugs ?? `the authors of ${name}`} for a release for Module API ${SUPPORTED_MODULE_API.join(' or ')}.`
  const message = `package ${name} is written for Module API ${api}, this core speaks ${SUPPORTED_MODULE_API.join(', ')}`
  const modules = foreignManifestSchema.safeParse(manifest, READ_ONCE).data?.modules ?? [{ id: name, type: 'unknown' }]
  return modules.map(({ id, type }) => {
    const error = janusError('JANUS_MODULE_API_UNSUPPORTED', message, { remedy, module: id })
    return { id, type, version, source: name, path: directory, diagnostics: [diagnosticOf(error)] }
  })
}

function broken({ name, version, bugs, directory }: PackageIdentity, what: string): DiscoveredModule {
  const remedy = bugs === undefined ? undefined : `Report it to ${bugs}.`
  const error = janusError('JANUS_MODULE_MANIFEST_INVALID', `package ${name} in ${directory}: ${what}`, {
    module: name,
    ...(remedy === undefined ? {} : { remedy }),
  })
  const diagnostics: readonly Diagnostic[] = [{ ...diagnosticOf(error), path: join(directory, 'package.json') }]
  return { id: name, type: 'unknown', version, source: name, path: directory, diagnostics }
}

/** Only what fits its pattern is repeated; a name may hold anything. */
function identityOf({ content, directory }: PackageFile): PackageIdentity {
  const { name, version, bugs } = content
  const url = isObject(bugs) ? bugs.url : bugs
  return {
    name: isPackageName(name) ? name : 'without-a-name',
    version: typeof version === 'string' && version.length <= 100 && SEMVER.test(version) ? version : 'unknown',
    bugs: typeof url === 'string' && /^https?:\/\/[!-~]{1,500}$/.test(url) && URL.canParse(url) ? url : undefined,
    directory,
  }
}

function isWholeNumber(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

function oneLine(error: z.ZodError): string {
  const [issue, ...more] = error.issues
  const rest = more.length === 0 ? '' : ` (and ${more.length} more)`
  return `${issue?.path.map(String).join('.') || 'the whole of it'}: ${issue?.message ?? 'unknown'}${rest}`
}
