import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ModuleTemplate } from './names.js'

/** One file of a new module. */
export interface TemplateFile {
  /** Relative to the folder of the module. */
  readonly path: string
  readonly text: string
  readonly executable: boolean
}

/** What is filled into a template: `__id__` becomes the id. */
export interface TemplateValues {
  readonly id: string
  readonly type: string
  readonly package: string
}

const FOLDERS = { ts: 'typescript', bash: 'bash' } as const satisfies Record<ModuleTemplate, string>
/** Src and dist lie side by side, so it is the same path from both. */
const TEMPLATES = fileURLToPath(new URL('../templates/', import.meta.url))
const TOKEN = /__(id|type|package|prefix)__/g

/** The files of a template with the values filled in, sorted by path. */
export async function templateFiles(kind: ModuleTemplate, values: TemplateValues): Promise<readonly TemplateFile[]> {
  const folder = join(TEMPLATES, FOLDERS[kind])
  const fill = fillWith(values)
  const files = (await filesBelow(folder)).map(async (source) => ({
    path: fill(published(relative(folder, source))),
    text: fill(await readFile(source, 'utf8')),
    executable: source.endsWith('.sh') && !relative(folder, source).startsWith('lib/'),
  }))
  return (await Promise.all(files)).toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

/** Level by level: in an archive of Yarn's, a recursive listing does not say where its entries lie. */
async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const paths = entries.map(async (entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? await filesBelow(path) : [path]
  })
  return (await Promise.all(paths)).flat()
}

/** Npm leaves `.gitignore` out of every package, so it lies there without its dot. */
function published(path: string): string {
  return path === 'gitignore' ? '.gitignore' : path
}

function fillWith({ id, type, package: packageName }: TemplateValues): (text: string) => string {
  const values: Readonly<Record<string, string>> = { id, type, package: packageName, prefix: id.replaceAll('-', '_') }
  return (text) => text.replace(TOKEN, (token, name: string) => values[name] ?? token)
}
