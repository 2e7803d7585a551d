import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineModule } from '../../src/contract/define-module.js'
import type { ModuleRun } from '../../src/contract/runnable-module.js'
import { isJanusError } from '../../src/errors/janus-error.js'
import { createNullLogger } from '../../src/logging/combine-loggers.js'
import { describeModule } from '../../src/modules/describe-module.js'
import { discoverModules } from '../../src/modules/discover.js'
import type { ModuleRegistry } from '../../src/modules/index.js'
import { loadModule } from '../../src/modules/load-module.js'
import { folderOf, moduleText, type PackageOptions, packageIn, registryOfSources, userIn } from './package-tree.js'

/** In this process, where most of what can be wrong with a module shows the same way and faster. */
function named(path: string) {
  return { kind: 'package', path, isolation: 'in-process' } as const
}

function registryOf(...packages: readonly PackageOptions[]): ModuleRegistry {
  const files = packages.map((options, index) => packageIn(`package-${index}`, options))
  const root = folderOf(Object.assign({}, ...files))
  return registryOfSources(packages.map((_, index) => named(join(root, `package-${index}`))))
}

async function failure(registry: ModuleRegistry, id = 'fan-curve') {
  try {
    await registry.load(id)
  } catch (error) {
    if (isJanusError(error)) return error
    throw error
  }
  throw new Error(`${id} was loaded`)
}

describe('a module registry', () => {
  it('loads a module once, and tells what became of it', async () => {
    const registry = registryOf({})
    expect(await registry.rows()).toMatchObject([
      { id: 'fan-curve', type: 'host', version: '1.2.3', status: 'enabled' },
    ])
    const module = await registry.load('fan-curve')
    expect(await module.check({ log: createNullLogger() } as ModuleRun)).toEqual([])
    expect(await registry.load('fan-curve')).toBe(module)
    expect(await registry.rows()).toMatchObject([{ status: 'ready', summary: 'A test.', diagnostics: [] }])
  })

  it('makes every bad module a row and a diagnostic, and loads the others', async () => {
    const registry = registryOf(
      { id: 'good' },
      { id: 'throws', code: 'throw new Error("no\\nway")' },
      { id: 'throws-nothing', code: 'throw undefined' },
      { id: 'throws-a-trap', code: 'throw { toString() { throw 1 } }' },
      { id: 'no-syntax', code: 'export default {' },
      { id: 'needs-more', code: 'import "not-installed"; export default 1' },
      {
        id: 'other-version',
        version: '2.0.0',
        code: `export default ${moduleText({ id: 'other-version', version: '1.0.0' })}`,
      },
    )
    const { modules, diagnostics } = await registry.loadAll()
    expect(modules.map((module) => module.metadata.id)).toEqual(['good'])
    expect(diagnostics.map(({ module, code }) => `${module} ${code}`)).toEqual([
      'throws JANUS_MODULE_IMPORT_FAILED',
      'throws-nothing JANUS_MODULE_IMPORT_FAILED',
      'throws-a-trap JANUS_MODULE_IMPORT_FAILED',
      'no-syntax JANUS_MODULE_IMPORT_FAILED',
      'needs-more JANUS_MODULE_IMPORT_FAILED',
      'other-version JANUS_MODULE_VERSION_DRIFT',
    ])
    for (const { summary } of diagnostics) expect(summary).not.toContain('\n')
    const statuses = (await registry.rows()).map(({ id, status }) => `${id} ${status}`)
    expect(statuses).toContain('good ready')
    expect(statuses.filter((status) => status.endsWith('failed'))).toHaveLength(6)
  })

  it('blocks every module of a name that two packages use, and names both places', async () => {
    const registry = registryOf({ name: 'first' }, { name: 'second' }, { id: 'other' })
    const rows = await registry.rows()
    expect(rows.map(({ source, status }) => `${source} ${status}`)).toEqual([
      'first blocked',
      'second blocked',
      'janus-module-other enabled',
    ])
    const error = await failure(registry)
    expect(error.code).toBe('JANUS_MODULE_ID_DUPLICATE')
    for (const row of rows.slice(0, 2)) expect(error.message).toContain(row.path)
    const { modules, diagnostics } = await registry.loadAll()
    expect(modules).toHaveLength(1)
    expect(diagnostics).toHaveLength(2)
  })

  it('means the same module by an id whoever asks: the enabled and whole one, wherever it stands in the list', async () => {
    const root = folderOf({
      'app/package.json': { name: 'app', dependencies: { waiting: '1' } },
      ...packageIn('app/node_modules/waiting', { name: 'waiting', version: '9.0.0' }),
      ...packageIn('broken', { name: 'broken', manifest: { api: 2, modules: [{ id: 'fan-curve', type: 'host' }] } }),
      ...packageIn('good', { name: 'good' }),
    })
    const project = { kind: 'project', directory: join(root, 'app') } as const
    const registry = registryOfSources([project, named(join(root, 'broken')), named(join(root, 'good'))])
    expect((await registry.rows()).map(({ status }) => status)).toEqual(['available', 'failed', 'enabled'])
    expect(await registry.find('fan-curve')).toMatchObject({ source: 'good' })
    expect((await registry.load('fan-curve')).metadata.version).toBe('1.2.3')
    expect(await registry.row('fan-curve')).toMatchObject({ status: 'ready', path: join(root, 'good/module.js') })
  })

  it('does not choose between two that nobody named', async () => {
    const root = folderOf({
      'package.json': { name: 'app', dependencies: { one: '1', two: '1' } },
      ...packageIn('node_modules/one', { name: 'one' }),
      ...packageIn('node_modules/two', { name: 'two' }),
    })
    const registry = registryOfSources([{ kind: 'project', directory: root }])
    for (const asked of [
      registry.find('fan-curve'),
      registry.load('fan-curve'),
      describeModule(registry, 'fan-curve'),
    ]) {
      const message = expect.stringContaining(
        `${join(root, 'node_modules/one/module.js')} and ${join(root, 'node_modules/two')}`,
      )
      await expect(asked).rejects.toMatchObject({ code: 'JANUS_MODULE_ID_DUPLICATE', message })
    }
  })

  it('does not let a module that cannot be loaded block a good one of the same name', async () => {
    const registry = registryOf(
      { name: 'good' },
      { name: 'bad', manifest: { api: 2, modules: [{ id: 'fan-curve', type: 'host' }] } },
    )
    expect((await registry.rows()).map((row) => row.status)).toEqual(['enabled', 'failed'])
    expect((await registry.load('fan-curve')).metadata.id).toBe('fan-curve')
  })

  it('suggests the name that was probably meant', async () => {
    const registry = registryOf({ id: 'gpu-vfio' }, { id: 'cpu-hugepages' })
    expect((await failure(registry, 'gpu-vifo')).message).toBe('there is no module "gpu-vifo"; did you mean gpu-vfio?')
    expect((await failure(registry, 'zzz')).message).toBe('there is no module "zzz"')
    await expect(registry.loadAll(['nonsense'])).rejects.toMatchObject({ code: 'JANUS_MODULE_NOT_FOUND' })
  })

  it('takes modules in hand, also by objects of another copy of core', async () => {
    const metadata = { id: 'in-hand', type: 'host', version: '0.1.0', compatApi: 1, summary: 'In hand.' } as const
    const module = defineModule({
      metadata,
      options: z.strictObject({ level: z.int().default(3) }),
      check: async () => [],
    })
    const registry = registryOfSources([
      { kind: 'module', module },
      { kind: 'module', module: {} as typeof module },
    ])
    expect((await registry.load('in-hand')).metadata).toBe(module.metadata)
    const rows = await registry.rows()
    expect(rows.map(({ id, status, source }) => `${id} ${status} ${source}`)).toEqual([
      'in-hand ready given',
      'given failed given',
    ])
    const { optionsSchema, supports } = await describeModule(registry, 'in-hand')
    expect(optionsSchema).toMatchObject({ type: 'object', properties: { level: { type: 'integer', default: 3 } } })
    expect(optionsSchema.required).toBeUndefined()
    expect(supports).toEqual({ apply: false, rollback: 'journal' })
  })

  it('reads nothing before it is asked', () => {
    expect(() => registryOfSources([{ kind: 'package', path: '/nowhere' }])).not.toThrow()
  })
})

describe('a manifest', () => {
  it('says what a module does before any code of it runs', async () => {
    const module = { id: 'fan-curve', type: 'host', entry: 'module.js', summary: 'Steers fans.' }
    const registry = registryOf({ manifest: { api: 1, modules: [module] } })
    expect(await registry.rows()).toMatchObject([{ status: 'enabled', summary: 'Steers fans.' }])
    const bad = { ...module, summary: 'two\nlines' }
    expect(await registryOf({ manifest: { api: 1, modules: [bad] } }).rows()).toMatchObject([{ status: 'failed' }])
  })
})

describe('an entry', () => {
  it('may be a named export, or the only module among the exports', async () => {
    const named = { api: 1, modules: [{ id: 'b', type: 'host', entry: 'module.js', export: 'second' }] }
    const two = `export const first = ${moduleText({ id: 'a' })}\nexport const second = ${moduleText({ id: 'b' })}`
    expect((await registryOf({ id: 'b', manifest: named, code: two }).load('b')).metadata.id).toBe('b')
    expect((await registryOf({ id: 'a', code: two }).load('a')).metadata.id).toBe('a')
    const only = `export const help = 1\nexport const fans = ${moduleText()}`
    expect((await registryOf({ code: only }).load('fan-curve')).metadata.id).toBe('fan-curve')
  })

  it('may be CommonJS', async () => {
    const registry = registryOf({ code: `module.exports = ${moduleText()}`, fields: { type: 'commonjs' } })
    expect((await registry.load('fan-curve')).metadata.id).toBe('fan-curve')
  })

  it.each([
    ['a class', 'export default class Fans {}', 'a class is not a module'],
    ['a factory', 'export default () => ({})', 'a factory that was not called'],
    ['a promise', `export default Promise.resolve(${moduleText()})`, 'await it'],
    ['an object without brand', 'export default { metadata: {}, check() {} }', 'defineModule'],
    ['nothing', '', 'it exports nothing'],
    ['a number', 'export default 7', 'number is not a module'],
    ['without check', `export default ${moduleText({ extra: 'check: undefined,' })}`, 'check must be a function'],
    ['without options', `export default ${moduleText({ extra: 'options: {},' })}`, 'options must be a zod schema'],
    [
      'for another API',
      `export default ${moduleText({ extra: 'metadata: { id: "fan-curve", type: "host", version: "1.2.3", summary: "x", compatApi: 2 },' })}`,
      'compatApi is 2',
    ],
    ['under another id', `export default ${moduleText({ id: 'other' })}`, '"other"'],
    [
      'two modules of that id',
      `export const a = ${moduleText()}\nexport const b = ${moduleText()}`,
      'name one of them',
    ],
  ])('that is %s is refused with what is wrong', async (_, code, expected) => {
    const error = await failure(registryOf({ code }))
    expect(error.code).toBe('JANUS_MODULE_SHAPE_INVALID')
    expect(error.message).toContain(expected)
    expect(error.module).toBe('fan-curve')
  })

  it('is told that CommonJS wrapped the module once too often', async () => {
    const registry = registryOf({ code: `module.exports = { default: ${moduleText()} }`, fields: { type: 'commonjs' } })
    expect((await failure(registry)).message).toContain('one level deeper')
  })

  it('that names an export which is not there is told which are', async () => {
    const manifest = { api: 1, modules: [{ id: 'fan-curve', type: 'host', entry: 'module.js', export: 'fans' }] }
    const registry = registryOf({ manifest, code: 'export const fan = 1, other = 2' })
    expect((await failure(registry)).message).toContain('no export fans, it exports fan, other')
  })

  it.each(['../outside.js', 'sub/../../outside.js', 'link.js', 'folder-link/outside.js'])(
    'that leads out of its package is refused: %s',
    async (entry) => {
      const manifest = { api: 1, modules: [{ id: 'fan-curve', type: 'host', entry }] }
      const root = folderOf({ ...packageIn('package', { manifest }), 'outside.js': 'throw new Error("ran")' })
      mkdirSync(join(root, 'package/sub'))
      symlinkSync('../outside.js', join(root, 'package/link.js'))
      symlinkSync('..', join(root, 'package/folder-link'))
      const error = await failure(registryOfSources([named(join(root, 'package'))]))
      expect(error.code).toBe('JANUS_MODULE_ENTRY_OUTSIDE_PACKAGE')
    },
  )

  it('in node_modules or .git is nothing of the package, also through a link', async () => {
    for (const entry of ['node_modules/x/m.js', './lib/node_modules/m.js', '.git/m.js']) {
      const manifest = { api: 1, modules: [{ id: 'fan-curve', type: 'host', entry }] }
      const [row] = await registryOf({ manifest }).rows()
      expect(row).toMatchObject({ status: 'failed', diagnostics: [{ code: 'JANUS_MODULE_MANIFEST_INVALID' }] })
    }
    const manifest = { api: 1, modules: [{ id: 'fan-curve', type: 'host', entry: 'link.js' }] }
    const root = folderOf({ ...packageIn('p', { manifest }), 'p/node_modules/x/m.js': 'throw new Error("ran")' })
    symlinkSync('node_modules/x/m.js', join(root, 'p/link.js'))
    const error = await failure(registryOfSources([named(join(root, 'p'))]))
    expect(error.code).toBe('JANUS_MODULE_ENTRY_OUTSIDE_PACKAGE')
  })

  it('in a folder whose name begins like the package is outside of it', async () => {
    const manifest = { api: 1, modules: [{ id: 'fan-curve', type: 'host', entry: '../package-two/module.js' }] }
    const root = folderOf({ ...packageIn('package', { manifest }), ...packageIn('package-two') })
    const error = await failure(registryOfSources([named(join(root, 'package'))]))
    expect(error.code).toBe('JANUS_MODULE_ENTRY_OUTSIDE_PACKAGE')
  })

  it('that is missing or a folder is an import that failed', async () => {
    for (const entry of ['gone.js', '.', 'folder']) {
      const manifest = { api: 1, modules: [{ id: 'fan-curve', type: 'host', entry }] }
      const root = folderOf(packageIn('package', { manifest, fields: { bugs: { url: 'https://bugs.example/' } } }))
      mkdirSync(join(root, 'package/folder'))
      const error = await failure(registryOfSources([named(join(root, 'package'))]))
      expect(error.code).toBe(entry === '.' ? 'JANUS_MODULE_ENTRY_OUTSIDE_PACKAGE' : 'JANUS_MODULE_IMPORT_FAILED')
      expect(error.remedy).toContain('https://bugs.example/')
    }
  })

  it('that never finishes is given up', async () => {
    const root = folderOf(packageIn('package', { code: `await new Promise(() => {})\nexport default ${moduleText()}` }))
    const [found] = await discoverModules([named(join(root, 'package'))], userIn())
    if (found === undefined) throw new Error('nothing was found')
    await expect(loadModule(found, 50)).rejects.toMatchObject({ code: 'JANUS_MODULE_IMPORT_FAILED' })
  })

  it('of kind command that does not say what it is cannot be loaded', async () => {
    const manifest = { api: 1, modules: [{ id: 'fan-curve', type: 'host', entry: 'fans.sh', kind: 'command' }] }
    const root = folderOf(packageIn('package', { manifest }))
    writeFileSync(join(root, 'package/fans.sh'), 'exit 0')
    const error = await failure(registryOfSources([named(join(root, 'package'))]))
    expect(error.code).toBe('JANUS_MODULE_METADATA_INVALID')
  })
})
