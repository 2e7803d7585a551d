import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { JanusModule } from '../../../src/contract/module.js'
import { readPackageFile } from '../../../src/modules/package-file.js'
import { modulesOfPackage } from '../../../src/modules/read-manifest.js'
import * as testing from '../../../src/testing/index.js'
import { folderOf } from '../../modules/package-tree.js'

const GUIDE = new URL('../../../../../docs/writing-a-module.md', import.meta.url)

/** The files that the guide shows, by name. */
function filesOfGuide(): Readonly<Record<string, string>> {
  const blocks = readFileSync(GUIDE, 'utf8').matchAll(/^```\w+ (\S+)\n([\s\S]*?)^```$/gm)
  return Object.fromEntries([...blocks].map(([, name = '', content = '']) => [name, content]))
}

describe('the module in the guide for authors', () => {
  it('is found, is ready, and passes the suite on the fixtures that the guide gives', async () => {
    const files = filesOfGuide()
    expect(Object.keys(files)).toEqual(expect.arrayContaining(['package.json', 'module.js', 'module.test.js']))
    const folder = folderOf({ ...files, 'module.js': linked(files['module.js']) })
    const file = await readPackageFile(folder)
    const found = file === undefined ? [] : modulesOfPackage(file)
    expect(found).toMatchObject([{ id: 'transparent-hugepages', type: 'host', version: '1.0.0', diagnostics: [] }])
    const { default: module } = (await import(join(folder, 'module.js'))) as { readonly default: JanusModule }

    const registered: { readonly name: string; run(): Promise<void> }[] = []
    const test = (name: string, run: () => Promise<void>) => registered.push({ name, run })
    const text = (files['module.test.js'] ?? '').replace(/^import .*\n/gm, '')
    new Function('test', 'module', ...Object.keys(testing), text)(test, module, ...Object.values(testing))
    expect(registered.length).toBeGreaterThan(20)
    for (const { run } of registered) await run()
  })
})

/** The published package is not installed beside a folder of a test; its sources are. */
function linked(code = ''): string {
  const sources = new URL('../../../src/', import.meta.url)
  return code
    .replace("from '@janus/core'", `from '${new URL('index.ts', sources)}'`)
    .replace("from 'zod'", `from '${import.meta.resolve('zod')}'`)
}
