import { basename, dirname, extname } from 'node:path'
import { moduleOfProgram } from '../command-modules/module-of-program.js'
import { isKebabCase, UNSTATED } from '../command-modules/program-metadata.js'
import { janusError } from '../errors/janus-error.js'
import type { DiscoveredModule } from './discovered-module.js'
import { readPackageFile } from './package-file.js'
import { problemAt } from './problem-at.js'
import { modulesOfPackage } from './read-manifest.js'

const JAVASCRIPT: ReadonlySet<string> = new Set(['.js', '.mjs', '.cjs'])

/**
 * The module of one file that somebody named. As an entry of the package above it, it is what its manifest says. Any other
 * JavaScript file is called like its module, and only its code can tell type and version; a program is what
 * {@link moduleOfProgram} makes of it.
 * @param path absolute, without links
 */
export async function moduleOfFile(path: string): Promise<DiscoveredModule> {
  return (
    (await entryOfPackage(path)) ?? (JAVASCRIPT.has(extname(path)) ? moduleAlone(path) : await moduleOfProgram(path))
  )
}

async function entryOfPackage(path: string): Promise<DiscoveredModule | undefined> {
  for (let above = dirname(path); ; above = dirname(above)) {
    const file = await readPackageFile(above)
    if (file !== undefined) return modulesOfPackage(file).find((module) => module.path === path)
    if (above === dirname(above)) return undefined
  }
}

function moduleAlone(path: string): DiscoveredModule {
  const id = basename(path, extname(path))
  const common = { id, type: UNSTATED, version: UNSTATED, source: path, path }
  const entry = basename(path)
  const code = { directory: dirname(path), entry, kind: 'javascript', reads: [entry] } as const
  if (isKebabCase(id)) return { ...common, code, diagnostics: [] }
  const message = `${path} has to be called like its module, which is kebab-case: <id>${extname(path)}`
  return problemAt(path, janusError('JANUS_MODULE_SHAPE_INVALID', message))
}
