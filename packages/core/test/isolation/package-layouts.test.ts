import { access, chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createModuleIsolation } from '../../src/isolation/index.js'
import { coreDirectory } from '../../src/isolation/run-child.js'
import { visiblePackages } from '../../src/isolation/visible-packages.js'
import { loadModule } from '../../src/modules/load-module.js'
import { moduleOfFile } from '../../src/modules/module-of-file.js'
import { readPackageFile } from '../../src/modules/package-file.js'
import { modulesOfPackage } from '../../src/modules/read-manifest.js'

const bubblewrap = await access('/usr/bin/bwrap').then(
  () => true,
  () => false,
)
const REPOSITORY = fileURLToPath(new URL('../../../..', import.meta.url)).replace(/\/$/, '')
const isolation = createModuleIsolation()
let root = ''

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'janus-layout-')))
  await chmod(root, 0o755)
})
afterEach(() => rm(root, { recursive: true, force: true }))

describe.skipIf(!bubblewrap)('a module in the sandbox finds what it imports', () => {
  test('beside it and below it, as npm installs', async () => {
    await installCore('node_modules')
    await dependency('node_modules/beside')
    await dependency('node_modules/fan/node_modules/below')
    await module('node_modules/fan', ['beside', 'below'])
    expect(await summaryOf('node_modules/fan')).toBe('beside below')
  })

  test('among the members of a workspace, which are links', async () => {
    await installCore('node_modules')
    await dependency('packages/member')
    await link('node_modules/member', 'packages/member')
    await module('packages/fan', ['member'])
    await link('node_modules/fan', 'packages/fan')
    expect(await summaryOf('node_modules/fan')).toBe('member')
  })

  test('in a store of links, as pnpm installs', async () => {
    const store = 'node_modules/.pnpm'
    await dependency(`${store}/deep@1.0.0/node_modules/deep`)
    await dependency(`${store}/near@1.0.0/node_modules/near`, ['deep'])
    await link(`${store}/near@1.0.0/node_modules/deep`, `${store}/deep@1.0.0/node_modules/deep`)
    await installCore(`${store}/fan@1.0.0/node_modules`)
    await link(`${store}/fan@1.0.0/node_modules/near`, `${store}/near@1.0.0/node_modules/near`)
    await module(`${store}/fan@1.0.0/node_modules/fan`, ['near'])
    await link('node_modules/fan', `${store}/fan@1.0.0/node_modules/fan`)
    expect(await summaryOf('node_modules/fan')).toBe('near deep')
  })

  test('in a store outside of the project that links lead to, several deep', async () => {
    const store = 'elsewhere/store'
    await dependency(`${store}/deep/node_modules/deep`)
    await dependency(`${store}/near/node_modules/near`, ['deep'])
    await link(`${store}/near/node_modules/deep`, `${store}/deep/node_modules/deep`)
    await installCore('project/node_modules')
    await module('project/node_modules/fan', ['near'])
    await link('project/node_modules/near', `${store}/near/node_modules/near`)
    await writeFile(join(root, 'project', 'secret.txt'), 'secret')
    expect(await summaryOf('project/node_modules/fan')).toBe('near deep')
    const shown = (await visiblePackages([join(root, 'project/node_modules/fan')])).map(({ target }) => target)
    expect(shown).not.toContain(join(root, 'project'))
    expect(shown).not.toContain(join(root, 'elsewhere'))
  })

  test('in a folder elsewhere, as npm link does, also from a member of a workspace', async () => {
    await write('project/package.json', { name: 'project', workspaces: ['packages/*'] })
    await installCore('project/node_modules')
    await dependency('work/linked')
    await dependency('project/packages/member')
    await link('global/lib/node_modules/linked', 'work/linked')
    await module('project/packages/fan', ['linked', 'member'])
    await link('project/packages/fan/node_modules/linked', 'global/lib/node_modules/linked')
    await link('project/packages/fan/node_modules/member', 'project/packages/member')
    expect(await summaryOf('project/packages/fan')).toBe('linked member')
  })

  test('in a store below the home that all projects share, under another name too', async () => {
    const store = '.local/share/pnpm/store/v10/links'
    await dependency(`${store}/@/near/1.0.0/abc/node_modules/near`)
    await installCore(`${store}/@/fan/1.0.0/def/node_modules`)
    await module(`${store}/@/fan/1.0.0/def/node_modules/fan`, ['alias'])
    await link(`${store}/@/fan/1.0.0/def/node_modules/alias`, `${store}/@/near/1.0.0/abc/node_modules/near`)
    await writeFile(
      join(root, `${store}/@/near/1.0.0/abc/node_modules/near/index.js`),
      `export const name = 'near by another name'`,
    )
    const folder = `${store}/@/fan/1.0.0/def/node_modules/fan`
    expect(await summaryOf(folder)).toBe('near by another name')
    await expect(visiblePackages([join(root, folder)], root)).resolves.toContainEqual({
      source: join(root, `${store}/@/near/1.0.0/abc/node_modules/near`),
      target: join(root, `${store}/@/near/1.0.0/abc/node_modules/near`),
    })
  })

  test('by a folder of modules that is a link to another one of its project', async () => {
    await write('package.json', { name: 'project', workspaces: ['packages/*'] })
    await installCore('node_modules')
    await dependency('node_modules/shared')
    await module('packages/fan', ['shared'])
    await link('packages/fan/node_modules', 'node_modules')
    expect(await summaryOf('packages/fan')).toBe('shared')
  })

  test.skipIf(process.getuid?.() !== 0)('in a folder that only root can enter', async () => {
    await installCore('node_modules')
    await module('node_modules/fan', [])
    await chmod(root, 0o700)
    expect(await summaryOf('node_modules/fan')).toBe('alone')
  })

  test('above a file that was named by itself, and nothing that lies beside it', async () => {
    await installCore('node_modules')
    await write('modules/package.json', { private: true, dependencies: { dep: '*' } })
    await dependency('modules/libraries/dep')
    await link('modules/node_modules/dep', 'modules/libraries/dep')
    await write('modules/notes.txt', 'private')
    const code = (reads: string) => `
      import { existsSync, readdirSync } from 'node:fs'
      import { defineModule } from '@janus/core'
      import { name } from 'dep'
      import { z } from 'zod'
      const summary = name + ' ' + ${reads}
      export default defineModule({
        metadata: { type: 'host', id: 'fan', version: '1.0.0', compatApi: 1, summary },
        options: z.strictObject({}),
        check: async () => [],
      })`
    await write('modules/fan.mjs', code(`readdirSync(import.meta.dirname).join(' ')`))
    await write('modules/fan.js', code(`String(existsSync(new URL('./notes.txt', import.meta.url)))`))
    for (const [file, summary] of [
      ['fan.mjs', 'dep fan.mjs libraries node_modules'],
      ['fan.js', 'dep false'],
    ] as const) {
      const found = await moduleOfFile(join(root, 'modules', file))
      const loaded = await loadModule({ ...found, isolation: 'sandbox' }, undefined, isolation)
      expect(loaded.metadata.summary).toBe(summary)
    }
  })

  test('also when it is CommonJS', async () => {
    await installCore('node_modules')
    await write('node_modules/old/package.json', { name: 'old', version: '1.0.0', main: './index.js' })
    await write('node_modules/old/index.js', 'exports.name = "old"\n')
    await module('node_modules/fan', ['old'])
    expect(await summaryOf('node_modules/fan')).toBe('old')
  })
})

describe('a link to what is no package of its name', () => {
  const FAN = 'home/project/node_modules/fan'
  const WORKED_ON = 'home/project/modules/fan'
  const shown = (folder: string) => visiblePackages([join(root, folder)], join(root, 'home'))
  const refusal = { code: 'JANUS_SANDBOX_BIND_REFUSED', remedy: expect.stringContaining('Remove the link') }

  beforeEach(async () => {
    await module(FAN, ['dep'])
    await module(WORKED_ON, ['dep'])
  })

  test.each([
    ['a folder without a package', 'home/.aws', undefined],
    ['a package of another name', 'home/work/other', 'other'],
    ['a hidden folder of the home', 'home/.config/dep', 'dep'],
    ['a folder in one that is hidden', 'home/work/.private/dep', 'dep'],
    ['the home', 'home', 'dep'],
    ['what the home lies in', '.', 'dep'],
    ['the project itself', 'home/project', 'dep'],
    ['what the package lies in', 'home/project/modules', 'dep'],
  ])('is refused, naming it: %s', async (_, target, name) => {
    if (name === undefined) await write(`${target}/credentials`, 'secret')
    else await write(`${target}/package.json`, { name, version: '1.0.0' })
    for (const folder of [FAN, WORKED_ON]) {
      await link(`${folder}/node_modules/dep`, target)
      await expect(shown(folder)).rejects.toMatchObject({
        ...refusal,
        data: { path: join(root, target), link: join(root, folder, 'node_modules/dep') },
      })
    }
  })

  test('is refused in a scope that is a link, and in a dependency', async () => {
    await write('home/.config/dep/token', 'secret')
    await module(WORKED_ON, ['dep'])
    await write(`${WORKED_ON}/package.json`, { name: 'fan', version: '1.0.0', dependencies: { '@scope/dep': '*' } })
    await link(`${WORKED_ON}/node_modules/@scope`, 'home/.config')
    await expect(shown(WORKED_ON)).rejects.toMatchObject(refusal)
    await dependency('home/project/node_modules/near', ['dep'])
    await module(FAN, ['near'])
    await link('home/project/node_modules/near/node_modules/dep', 'home/.config/dep')
    await expect(shown(FAN)).rejects.toMatchObject(refusal)
  })

  test('is refused in an installed package also where it comes to a folder of that name', async () => {
    await write('home/work/dep/package.json', { name: 'dep', version: '1.0.0' })
    await link(`${FAN}/node_modules/dep`, 'home/work/dep')
    await expect(shown(FAN)).rejects.toMatchObject(refusal)
    await link(`${WORKED_ON}/node_modules/dep`, 'home/work/dep')
    await expect(shown(WORKED_ON)).resolves.toContainEqual(at('home/work/dep'))
  })

  test('is refused for a folder of modules that leads out of its project, or to another folder of it', async () => {
    await write('home/project/secrets/token', 'secret')
    await write('home/.aws/credentials', 'secret')
    await write('home/work/node_modules/dep/package.json', { name: 'dep', version: '1.0.0' })
    for (const target of ['home/.aws', 'home/project/secrets', 'home/work/node_modules']) {
      await link(`${FAN}/node_modules`, target)
      await expect(shown(FAN)).rejects.toMatchObject({ ...refusal, data: { path: join(root, target) } })
      await rm(join(root, FAN, 'node_modules'))
    }
  })

  test('is passed over above the project', async () => {
    await link('home/node_modules', 'home/.aws')
    await write('home/.aws/dep/package.json', { name: 'dep', version: '1.0.0' })
    const sources = (await shown(FAN)).map(({ source }) => source)
    expect(sources).not.toContain(join(root, 'home/.aws'))
    expect(sources).not.toContain(join(root, 'home/.aws/dep'))
  })

  function at(folder: string) {
    return { source: join(root, folder), target: join(root, folder) }
  }
})

describe('what a sandbox shows of packages', () => {
  test('never is what a home hides', async () => {
    const { resolveBinds } = await import('../../src/sandbox/resolve-binds.js')
    for (const hidden of ['.ssh', '.ssh/keys', '.config/gcloud/x', '.local/share', '.dotfiles']) {
      await mkdir(join(root, hidden), { recursive: true })
      const binds = [{ source: join(root, hidden) }]
      await expect(resolveBinds(binds, root)).rejects.toMatchObject({
        code: 'JANUS_SANDBOX_BIND_REFUSED',
        data: { path: join(root, hidden) },
      })
    }
    await mkdir(join(root, '.local/share/janus/extensions'), { recursive: true })
    const extensions = { source: join(root, '.local/share/janus/extensions') }
    await expect(resolveBinds([extensions], root)).resolves.toMatchObject([extensions])
  })

  test('never is the home directory', async () => {
    await write('package.json', { name: 'home', version: '1.0.0' })
    const { resolveBinds } = await import('../../src/sandbox/resolve-binds.js')
    const binds = await visiblePackages([root])
    await expect(resolveBinds(binds, root)).rejects.toMatchObject({ code: 'JANUS_SANDBOX_BIND_REFUSED' })
    await expect(resolveBinds(binds, join(root, 'user'))).rejects.toMatchObject({ code: 'JANUS_SANDBOX_BIND_REFUSED' })
    await expect(resolveBinds(binds, '/nonexistent')).resolves.toMatchObject([{ source: root }])
  })

  test('is core itself, with what it imports', async () => {
    const shown = (await visiblePackages([coreDirectory()])).map(({ source }) => source)
    expect(shown).toContain(join(REPOSITORY, 'packages/core'))
    expect(shown).toContain(join(REPOSITORY, 'node_modules'))
    expect(shown).not.toContain(REPOSITORY)
  })
})

async function summaryOf(folder: string): Promise<string> {
  const file = await readPackageFile(join(root, folder))
  const [found] = file === undefined ? [] : modulesOfPackage(file)
  if (found === undefined) throw new Error(`${folder} has no module`)
  return (await loadModule({ ...found, isolation: 'sandbox' }, undefined, isolation)).metadata.summary
}

async function module(folder: string, names: readonly string[]): Promise<void> {
  const imports = names.map((name) => `import { name as ${name} } from '${name}'`)
  const code = `${imports.join('\n')}
    import { defineModule } from '@janus/core'
    import { z } from 'zod'
    const summary = [${names.join(', ')}].join(' ') || 'alone'
    export default defineModule({
      metadata: { type: 'host', id: 'fan', version: '1.0.0', compatApi: 1, summary },
      options: z.strictObject({}),
      check: async () => [],
    })`
  const dependencies = Object.fromEntries(names.map((name) => [name, '*']))
  const janus = { api: 1, modules: [{ id: 'fan', type: 'host', entry: './module.mjs' }] }
  await write(`${folder}/package.json`, { name: 'fan', version: '1.0.0', janus, dependencies })
  await write(`${folder}/module.mjs`, code)
}

async function dependency(folder: string, names: readonly string[] = []): Promise<void> {
  const name = folder.split('/').at(-1) ?? ''
  const dependencies = Object.fromEntries(names.map((other) => [other, '*']))
  await write(`${folder}/package.json`, { name, version: '1.0.0', type: 'module', exports: './index.js', dependencies })
  const imports = names.map((other) => `import { name as ${other} } from '${other}'\n`)
  await write(
    `${folder}/index.js`,
    `${imports.join('')}export const name = ['${name}', ${names.join(', ')}].join(' ').trim()\n`,
  )
}

/** Core and zod are linked to, as a workspace and a store do. */
async function installCore(modules: string): Promise<void> {
  await mkdir(join(root, modules, '@janus'), { recursive: true })
  await symlink(join(REPOSITORY, 'packages/core'), join(root, modules, '@janus/core'))
  await symlink(join(REPOSITORY, 'node_modules/zod'), join(root, modules, 'zod'))
}

async function link(from: string, to: string): Promise<void> {
  await mkdir(dirname(join(root, from)), { recursive: true })
  await symlink(join(root, to), join(root, from))
}

async function write(path: string, content: string | object): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), typeof content === 'string' ? content : JSON.stringify(content))
}
