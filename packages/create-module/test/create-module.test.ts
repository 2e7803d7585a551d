import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createModule, type ModuleTemplate } from '@janus/create-module'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from './temporary-folder.js'

const TYPE_OF: Readonly<Record<ModuleTemplate, string>> = { ts: 'host', bash: 'cpu' }

describe('what is written', () => {
  test.each(['ts', 'bash'] as const)('is the committed snapshot, file for file: %s', async (kind) => {
    const folder = join(await temporaryFolder(), `example-${kind}`)
    const created = await createModule({ folder, kind, type: TYPE_OF[kind] })

    const snapshot = join(import.meta.dirname, '../snapshots', kind)
    for (const path of created.files) {
      await expect(await readFile(join(folder, path), 'utf8')).toMatchFileSnapshot(join(snapshot, path))
    }
    expect(await filesBelow(folder)).toEqual(created.files)
    expect(await filesBelow(snapshot)).toEqual(created.files)
  })

  test.each(['ts', 'bash'] as const)('has every token filled in: %s', async (kind) => {
    const folder = join(await temporaryFolder(), 'example')
    const { files } = await createModule({ folder, kind })
    for (const path of files) {
      expect(path).not.toMatch(/__/)
      expect((await readFile(join(folder, path), 'utf8')).match(/__[a-z]+__/g), path).toBeNull()
    }
  })

  test('carries the names that were chosen', async () => {
    const folder = join(await temporaryFolder(), 'somewhere')
    await createModule({ folder, kind: 'bash', type: 'gpu', id: 'fan-curve', packageName: '@somebody/fans' })
    const json = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
    const entry = './modules/gpu/fan-curve.sh'
    expect(json.name).toBe('@somebody/fans')
    expect(json.janus).toEqual({ api: 1, modules: [{ id: 'fan-curve', type: 'gpu', entry, kind: 'command' }] })
    expect(await readFile(join(folder, entry), 'utf8')).toContain('fan_curve_file()')
    expect((await stat(join(folder, entry))).mode & 0o100).toBe(0o100)
  })

  test('takes the id from the folder, without the prefix that packages have', async () => {
    const folder = join(await temporaryFolder(), 'janus-module-fans')
    expect(await createModule({ folder })).toMatchObject({ id: 'fans', packageName: 'janus-module-fans', type: 'host' })
  })

  test('goes into a folder that is there and empty', async () => {
    const folder = await temporaryFolder()
    const { files } = await createModule({ folder, id: 'fans' })
    expect(await filesBelow(folder)).toEqual(files)
  })
})

describe('what is refused, with nothing written', () => {
  test('a folder that holds something', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, '.hidden'), '')
    await expect(createModule({ folder, id: 'fans' })).rejects.toThrow(/is not empty/)
    expect(await readdir(folder)).toEqual(['.hidden'])
  })

  test('a link in the place of the folder, also one that leads nowhere', async () => {
    const parent = await temporaryFolder()
    await mkdir(join(parent, 'elsewhere'))
    for (const target of ['elsewhere', 'nowhere']) {
      await symlink(target, join(parent, `to-${target}`))
      await expect(createModule({ folder: join(parent, `to-${target}`), id: 'fans' })).rejects.toThrow(/not a folder/)
    }
    expect(await readdir(join(parent, 'elsewhere'))).toEqual([])
    expect(await readdir(parent)).toEqual(['elsewhere', 'to-elsewhere', 'to-nowhere'])
  })

  test('a file in the place of the folder', async () => {
    const folder = join(await temporaryFolder(), 'file')
    await writeFile(folder, 'kept')
    await expect(createModule({ folder, id: 'fans' })).rejects.toThrow(/not a folder/)
    expect(await readFile(folder, 'utf8')).toBe('kept')
  })

  test.each([
    { names: { id: 'Fans' }, message: /not kebab-case/ },
    { names: { id: '../fans' }, message: /not kebab-case/ },
    { names: { id: 'fans', type: 'a b' }, message: /not kebab-case/ },
    { names: { id: 'fans', packageName: '../fans' }, message: /npm does not take/ },
    { names: { id: 'fans', packageName: '.fans' }, message: /npm does not take/ },
    { names: { id: 'fans', packageName: 'Fans' }, message: /npm does not take/ },
    { names: { id: 'fans', packageName: 'node_modules' }, message: /npm does not take/ },
    { names: { id: 'fans', kind: 'python' as 'ts' }, message: /is none of ts, bash/ },
  ])('$names', async ({ names, message }) => {
    const parent = await temporaryFolder()
    await expect(createModule({ folder: join(parent, 'new'), ...names })).rejects.toThrow(message)
    expect(await readdir(parent)).toEqual([])
  })
})

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return files.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort()
}
