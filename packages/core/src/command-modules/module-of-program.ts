import { realpath } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { diagnosticOf, janusError } from '../errors/janus-error.js'
import type { DiscoveredModule } from '../modules/discovered-module.js'
import { isKebabCase, UNSTATED } from './program-metadata.js'
import { bashModuleAt } from './scan-module-tree.js'

const MODULES = 'modules'

/**
 * The module that a program named by itself is. A file called `*.sh` states what it is in its text; it belongs to the
 * tree whose folder `modules` it lies in. Any other program is called like its file (`fan_curve.py` is `fan-curve`) and
 * tells its type and version when it is loaded; it may read only its own file. Nothing is executed.
 * @param path of the file
 */
export async function moduleOfProgram(path: string): Promise<DiscoveredModule> {
  let real: string
  try {
    real = await realpath(path)
  } catch (cause) {
    return unreadable(path, cause)
  }
  if (real.endsWith('.sh')) {
    const root = treeAbove(real) ?? dirname(real)
    return bashModuleAt(root, relative(root, real))
  }
  const name = nameOf(real)
  const directory = dirname(real)
  const entry = basename(real)
  const common = {
    id: isKebabCase(name) ? name : 'unnamed',
    type: UNSTATED,
    version: UNSTATED,
    source: real,
    path: real,
  }
  if (isKebabCase(name))
    return { ...common, code: { directory, entry, kind: 'command', reads: [entry] }, diagnostics: [] }
  const message = `${real} cannot be a module: its file name is its id, and is not kebab-case`
  const error = janusError('JANUS_MODULE_METADATA_INVALID', message, { module: common.id })
  return { ...common, diagnostics: [{ ...diagnosticOf(error), path: real }] }
}

/** The directory that holds the nearest folder `modules` above a file. */
function treeAbove(path: string): string | undefined {
  for (let above = dirname(path); above !== dirname(above); above = dirname(above)) {
    if (basename(above) === MODULES) return dirname(above)
  }
  return undefined
}

function nameOf(path: string): string {
  return basename(path)
    .replace(/\.[a-z0-9]+$/i, '')
    .replaceAll('_', '-')
    .toLowerCase()
}

function unreadable(path: string, cause: unknown): DiscoveredModule {
  const error = janusError('JANUS_FILE_INVALID', `${path} cannot be read`, { cause })
  const diagnostics = [{ ...diagnosticOf(error), path }]
  const name = nameOf(join('/', path))
  return {
    id: isKebabCase(name) ? name : 'unnamed',
    type: UNSTATED,
    version: UNSTATED,
    source: path,
    path,
    diagnostics,
  }
}
