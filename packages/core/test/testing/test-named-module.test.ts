import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { testNamedModule } from '../../src/testing/test-named-module.js'
import { folderOf, packageIn, registryOfSources, userIn } from '../modules/package-tree.js'

const sources = new URL('../../src/', import.meta.url)
const MODULE = `
import { defineModule } from '${new URL('index.ts', sources)}'
import { z } from '${import.meta.resolve('zod')}'
const of = (id) => defineModule({
  metadata: { id, type: 'host', version: '1.2.3', compatApi: 1, summary: 'Looks.' },
  options: z.strictObject({}),
  check: async () => [{ id: 'looked', status: 'ok', summary: 'It is there.' }],
})
export const looks = of('looks')
export const other = of('other')
`

function rooted(code: string) {
  const root = folderOf({
    'app/package.json': { name: 'app', dependencies: { waiting: '1' } },
    ...packageIn('app/node_modules/waiting', { id: 'looks', name: 'waiting', code }),
    ...packageIn('looks', { id: 'looks', code }),
  })
  const project = { kind: 'project', directory: join(root, 'app') } as const
  const named = { kind: 'named', name: './looks', from: root } as const
  return { root, project, named }
}
const RUNS = 'globalThis.ranInTest = true; throw new Error("ran")'

describe('testing a module by its id', () => {
  it('does not run what nobody named, what is kept in the sandbox, or what is blocked', async () => {
    const { root, project, named } = rooted(RUNS)
    const user = userIn()
    for (const kinds of [[project], [named]]) {
      const registry = registryOfSources(kinds)
      await expect(testNamedModule('looks', {}, { registry, user })).rejects.toMatchObject({
        code: 'JANUS_MODULE_UNTRUSTED',
        remedy: expect.stringContaining(`janus module test ${root}/`),
      })
    }
    const twice = registryOfSources([
      { ...named, isolation: 'in-process' },
      { kind: 'named', name: './app/node_modules/waiting', from: root, isolation: 'in-process' },
    ])
    await expect(testNamedModule('looks', {}, { registry: twice, user })).rejects.toMatchObject({
      code: 'JANUS_MODULE_ID_DUPLICATE',
    })
    expect(globalThis).not.toHaveProperty('ranInTest')
  })

  it('is not led to a folder of that name in the directory somebody stands in', async () => {
    // `packages` lies here, and is no module.
    await expect(
      testNamedModule('packages', {}, { registry: registryOfSources([]), user: userIn() }),
    ).rejects.toMatchObject({ code: 'JANUS_MODULE_NOT_FOUND' })
  })

  it('tests the one that runs under it, and only that', async () => {
    const { named } = rooted(MODULE)
    const registry = registryOfSources([{ ...named, isolation: 'in-process' }])
    const reports = await testNamedModule('looks', {}, { registry, user: userIn() })
    expect(reports.map(({ module }) => module.id)).toEqual(['looks'])
    expect(reports[0]?.passed).toBe(reports[0]?.total)
  })
})

describe('testing what lies at a path', () => {
  it('is for whoever names it, but not as root when others may write it', async () => {
    const { root } = rooted(RUNS)
    const context = {
      registry: registryOfSources([]),
      user: { ...userIn('/nowhere', 0), owner: process.getuid?.() ?? 0 },
    }
    chmodSync(join(root, 'looks/package.json'), 0o666)
    for (const path of [join(root, 'looks'), join(root, 'looks/module.js')])
      await expect(testNamedModule(path, {}, context)).rejects.toMatchObject({ code: 'JANUS_MODULE_PATH_UNSAFE' })
    const fixtures = join(root, 'looks/package.json')
    await expect(testNamedModule(join(root, 'app'), { fixtures }, context)).rejects.toMatchObject({
      code: 'JANUS_MODULE_PATH_UNSAFE',
    })
    expect(globalThis).not.toHaveProperty('ranInTest')
  })
})
