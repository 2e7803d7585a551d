import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { packageDisagreements } from '../scripts/package-files.js'
import type { PackageJson } from '../scripts/workspace.js'
import { temporaryFolder } from './temporary-folder.js'

const honest: PackageJson = {
  name: 'honest',
  version: '1.0.0',
  exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
  bin: { honest: 'bin/honest.js' },
  janus: { modules: [{ id: 'one', entry: './dist/one.js' }] },
}

const built: Readonly<Record<string, string>> = {
  'dist/index.js':
    "import { a } from './chunk-A.js'\nawait import('./lazy/command.js')\nnew URL('./hand.js', import.meta.url)\njoin(root, 'dist', 'worker.js')\n",
  'dist/index.d.ts': '',
  'dist/one.js': '',
  'dist/chunk-A.js': '',
  'dist/hand.js': '',
  'dist/worker.js': '',
  'dist/lazy/command.js': "import '../chunk-A.js'\n",
  'bin/honest.js': '#!/usr/bin/env node\n',
}

test('a package that holds what its package.json promises has no disagreement', async () => {
  expect(await disagreements(honest, built)).toEqual([])
})

test('an export that was not built is named', async () => {
  const { 'dist/index.d.ts': _, ...files } = built
  expect(await disagreements(honest, files)).toEqual(['package.json names dist/index.d.ts, which was not built'])
})

test('a module of the manifest that was not built is named', async () => {
  const { 'dist/one.js': _, ...files } = built
  expect(await disagreements(honest, files)).toEqual(['package.json names dist/one.js, which was not built'])
})

test('a built file that nothing exports or refers to is named', async () => {
  const files = { ...built, 'dist/forgotten.js': '' }
  expect(await disagreements(honest, files)).toEqual([
    'dist/forgotten.js was built, but nothing exports it or refers to it',
  ])
})

test('a file that a built file refers to and that is absent is named', async () => {
  const { 'dist/hand.js': _, ...files } = built
  expect(await disagreements(honest, files)).toEqual(['a built file refers to dist/hand.js, which was not built'])
})

test('a launcher that cannot be executed is named', async () => {
  expect(await disagreements(honest, built, 0o644)).toEqual(['bin/honest.js is not executable'])
})

async function disagreements(
  json: PackageJson,
  files: Readonly<Record<string, string>>,
  launcherMode = 0o755,
): Promise<readonly string[]> {
  const folder = await temporaryFolder('package-files')
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  await chmod(join(folder, 'bin/honest.js'), launcherMode)
  return await packageDisagreements({ name: json.name, folder, json, needs: [] })
}
