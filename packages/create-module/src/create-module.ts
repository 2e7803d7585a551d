import { constants } from 'node:fs'
import { lstat, mkdir, open, readdir, realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { createError } from './create-error.js'
import { isModuleId, isPackageName, type ModuleTemplate, moduleTemplates } from './names.js'
import { type TemplateFile, templateFiles } from './template-files.js'

/** What {@link createModule} takes. */
export interface CreateModuleOptions {
  /** Where the module goes: a folder that is empty or not there yet. */
  readonly folder: string
  /** `gpu`, `cpu`, `vm`, `host` or any other kebab-case word. Default: `host`. */
  readonly type?: string
  /** Default: `ts`. */
  readonly kind?: ModuleTemplate
  /** Kebab-case. Default: the folder's name, without `janus-module-`. */
  readonly id?: string
  /** Name of the npm package. Default: `janus-module-<id>`. */
  readonly packageName?: string
}

/** What was written. */
export interface CreatedModule {
  /** Absolute, without links. */
  readonly folder: string
  readonly id: string
  readonly type: string
  readonly kind: ModuleTemplate
  readonly packageName: string
  /** Relative to the folder, sorted. */
  readonly files: readonly string[]
}

/**
 * Writes a new module: package.json with its manifest, source, test, README, licence and CI file. Replaces nothing and
 * follows no link below the folder that holds the module's.
 * @throws Error whose message says what is wrong with a name, or that the folder is not empty
 */
export async function createModule(options: CreateModuleOptions): Promise<CreatedModule> {
  const { type = 'host', kind = 'ts' } = options
  const wanted = resolve(options.folder)
  const id = options.id ?? defaultId(wanted)
  const packageName = options.packageName ?? `janus-module-${id}`
  requireNames({ id, type, kind, packageName })
  const files = await templateFiles(kind, { id, type, package: packageName })
  const folder = await emptyFolder(wanted)
  for (const file of files) await writeNew(folder, file)
  return { folder, id, type, kind, packageName, files: files.map(({ path }) => path) }
}

function defaultId(folder: string): string {
  const name = basename(folder).replace(/^janus-module-/, '')
  if (isModuleId(name)) return name
  throw createError(`${JSON.stringify(name)} cannot be the id of a module (kebab-case): pass --id`)
}

function requireNames(names: { id: string; type: string; kind: string; packageName: string }): void {
  const { id, type, kind, packageName } = names
  if (!isModuleId(id)) throw createError(`the id ${JSON.stringify(id)} is not kebab-case`)
  if (!isModuleId(type)) throw createError(`the type ${JSON.stringify(type)} is not kebab-case`)
  if (!moduleTemplates.some((known) => known === kind)) {
    throw createError(`the kind ${JSON.stringify(kind)} is none of ${moduleTemplates.join(', ')}`)
  }
  if (!isPackageName(packageName)) throw createError(`npm does not take the name ${JSON.stringify(packageName)}`)
}

/** Makes the folder, or takes the one that is there when it is a real one and empty. */
async function emptyFolder(wanted: string): Promise<string> {
  await mkdir(dirname(wanted), { recursive: true })
  const folder = join(await realpath(dirname(wanted)), basename(wanted))
  await makeDirectory(folder)
  if ((await readdir(folder)).length > 0) throw createError(`${folder} is not empty`)
  return folder
}

async function writeNew(folder: string, { path, text, executable }: TemplateFile): Promise<void> {
  let directory = folder
  for (const name of dirname(path).split('/')) {
    directory = join(directory, name)
    await makeDirectory(directory)
  }
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
  const file = await open(join(folder, path), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, executable ? 0o777 : 0o666)
  try {
    await file.writeFile(text)
  } finally {
    await file.close()
  }
}

async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory)
  } catch (error) {
    const found = await lstat(directory).catch(() => undefined)
    if (found === undefined) throw error
    if (!found.isDirectory()) throw createError(`${directory} is there already and is not a folder`)
  }
}
