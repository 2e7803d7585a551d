import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { conformanceLine, testModule } from '../../src/testing/index.js'
import { folderOf } from '../modules/package-tree.js'

const sources = new URL('../../src/', import.meta.url)
const program = (name: string) => fileURLToPath(new URL(`program-conformance/${name}`, import.meta.url))

const MODULE = `
import { defineModule } from '${new URL('index.ts', sources)}'
import { z } from '${import.meta.resolve('zod')}'
const metadata = { id: 'looks', type: 'host', version: '1.0.0', compatApi: 1, summary: 'Looks.' }
const check = async () => [{ id: 'looked', status: 'ok', summary: 'It is there.' }]
export default defineModule({ metadata, options: z.strictObject({}), check })
`
const manifest = {
  name: 'janus-module-looks',
  version: '1.0.0',
  type: 'module',
  janus: {
    api: 1,
    modules: [
      { id: 'looks', type: 'host', entry: './looks.mjs' },
      { id: 'swappiness', type: 'host', entry: './swappiness.py', kind: 'command' },
    ],
  },
}

describe('testing what lies at a path', () => {
  it('tests every module of a package, with the fixtures that lie in it', async () => {
    const fixtures = `export default {
      looks: [{ title: 'any machine' }],
      swappiness: [{ title: 'a machine', files: { '/etc/sysctl.d': { directory: true } }, options: { value: 10 } }],
    }`
    const folder = folderOf({
      'package.json': JSON.stringify(manifest),
      'looks.mjs': MODULE,
      'conformance-fixtures.mjs': fixtures,
    })
    cpSync(program('swappiness.py'), join(folder, 'swappiness.py'))
    const reports = await testModule(folder)
    expect(reports.flatMap(({ results }) => results.filter(({ ok }) => !ok))).toEqual([])
    expect(reports.map(({ module }) => module.kind)).toEqual(['javascript', 'command'])
    expect(reports.map(({ untried }) => untried)).toEqual([[], ['program-apply-refuses']])
    expect(conformanceLine(reports[0] ?? { api: 0, passed: 0, total: 0 })).toMatch(
      /^Module API v1 conformance: (\d+)\/\1$/,
    )
  })

  it('tests a file that exports a module, and a module in bash that stands alone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'janus-test-module-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    writeFileSync(join(folder, 'looks.mjs'), MODULE)
    cpSync(program('fan-curve.sh'), join(folder, 'fan-curve.sh'))
    const [looks] = await testModule(join(folder, 'looks.mjs'))
    expect(looks).toMatchObject({ module: { id: 'looks' }, passed: looks?.total })
    const [fans] = await testModule(join(folder, 'fan-curve.sh'))
    expect(fans).toMatchObject({ module: { id: 'fan-curve', kind: 'command' }, passed: fans?.total })
    // Without a fixture there is no fan, so it must refuse; a setting can be written anywhere.
    expect(fans?.untried).toContain('program-apply-twice')
    const [swappiness] = await testModule(program('swappiness.py'))
    expect(swappiness).toMatchObject({ passed: swappiness?.total, untried: ['program-apply-refuses'] })
  }, 120_000)

  it('says what is wrong with a path that has no module', async () => {
    const folder = folderOf({
      'package.json': '{}',
      'class.mjs': 'export default class Fans {}',
      'broken.mjs': 'throw new Error("not today")',
      'looks.mjs': MODULE,
      'looks.fixtures.mjs': 'export default 7',
    })
    const codes: readonly (readonly [string, string])[] = [
      ['', 'JANUS_MODULE_MANIFEST_INVALID'],
      ['class.mjs', 'JANUS_MODULE_SHAPE_INVALID'],
      ['broken.mjs', 'JANUS_MODULE_IMPORT_FAILED'],
      ['nothing.mjs', 'JANUS_FILE_INVALID'],
      ['looks.mjs', 'JANUS_FILE_INVALID'],
    ]
    for (const [name, code] of codes) await expect(testModule(join(folder, name))).rejects.toMatchObject({ code })
  })
})
