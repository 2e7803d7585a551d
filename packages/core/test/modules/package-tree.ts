import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { ModuleSource } from '../../src/contract/janus.js'
import type { AskingUser } from '../../src/modules/asking-user.js'
import { createModuleRegistry, type ModuleRegistry } from '../../src/modules/index.js'
import { userDirectories } from '../../src/state/state-directory.js'

/** Somebody without root whose directories lie below a folder; nowhere unless one is given. */
export function userIn(home = '/nowhere', uid = 1_000): AskingUser {
  return { uid, owner: uid, directories: [userDirectories({}, home)] }
}

/** The registry of some sources, for that user. */
export function registryOfSources(sources: readonly ModuleSource[], user = userIn()): ModuleRegistry {
  return createModuleRegistry({ sources, user: async () => user })
}

/** Makes a folder of files; it is gone when the test is. Keys are paths, an object is written as JSON. */
export function folderOf(files: Readonly<Record<string, string | object>>): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'janus-modules-')))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content))
  }
  return root
}

/** What differs from a package with one good module. */
export interface PackageOptions {
  readonly name?: string
  readonly version?: string
  readonly id?: string
  readonly manifest?: unknown
  readonly code?: string
  readonly fields?: Readonly<Record<string, unknown>>
}

/** Files of a package with one module, in a folder. */
export function packageIn(folder: string, options: PackageOptions = {}): Record<string, string | object> {
  const { id = 'fan-curve', name = `janus-module-${id}`, version = '1.2.3' } = options
  const manifest = options.manifest ?? { api: 1, modules: [{ id, type: 'host', entry: './module.js' }] }
  return {
    [`${folder}/package.json`]: { name, version, type: 'module', janus: manifest, ...options.fields },
    [`${folder}/module.js`]: options.code ?? `export default ${moduleText({ id, version })}\n`,
  }
}

/** Source text of a module as another copy of core would have made it. */
export function moduleText(
  options: { readonly id?: string; readonly version?: string; readonly extra?: string } = {},
): string {
  const { id = 'fan-curve', version = '1.2.3', extra = '' } = options
  return `{
  $$janus: 'module/v1',
  metadata: { id: '${id}', type: 'host', version: '${version}', compatApi: 1, summary: 'A test.' },
  options: { safeParse: (data) => ({ success: true, data }) },
  supports: { apply: true, rollback: 'journal' },
  async check() { return [] },
  async apply() { return [] },
  async rollback() { return [] },
  ${extra}
}`
}
