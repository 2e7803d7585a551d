import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { runProgram, tool } from '../scripts/run-program.js'
import { type PackageJson, publicPackages, repository, workspacePackages } from '../scripts/workspace.js'
import { writeVersions } from '../scripts/write-versions.js'
import { temporaryFolder } from './temporary-folder.js'

test('a feature in core raises no package to the next major version', async () => {
  const copy = await copyOfTheWorkspace()
  await writeFile(join(copy, '.changeset/a-feature.md'), "---\n'@janus/core': minor\n---\n\nA feature.\n")
  const before = await publicPackages(copy)

  const { exitCode, output } = await runProgram(tool('changeset'), ['version'], { cwd: copy })

  expect(exitCode, output).toBe(0)
  const after = new Map((await publicPackages(copy)).map(({ name, json }) => [name, json]))
  for (const { name, json } of before) expect(major(after.get(name)), name).toBe(major(json))
  expect(after.get('@janus/core')?.version).not.toBe(before.find(({ name }) => name === '@janus/core')?.json.version)
})

test('a feature in core keeps the range that modules ask of it', async () => {
  const copy = await copyOfTheWorkspace()
  await writeFile(join(copy, '.changeset/a-feature.md'), "---\n'@janus/core': minor\n---\n\nA feature.\n")

  await runProgram(tool('changeset'), ['version'], { cwd: copy })

  const modules = (await publicPackages(copy)).filter(({ json }) => json.peerDependencies?.['@janus/core'])
  expect(modules.length).toBeGreaterThan(0)
  for (const { json } of modules) expect(json.peerDependencies?.['@janus/core']).toBe('>=0.1.0 <1.0.0')
})

test('after a release the modules state the version of their package', async () => {
  const copy = await copyOfTheWorkspace()
  const file = 'packages/modules-gpu/src/version.ts'
  await mkdir(dirname(join(copy, file)), { recursive: true })
  await cp(join(repository, file), join(copy, file))
  await writeFile(join(copy, '.changeset/a-fix.md'), "---\n'@janus/modules-gpu': patch\n---\n\nA fix.\n")
  await runProgram(tool('changeset'), ['version'], { cwd: copy })

  await writeVersions(copy)

  const released = (await publicPackages(copy)).find(({ name }) => name === '@janus/modules-gpu')?.json.version
  expect(released).not.toBe((await publicPackages()).find(({ name }) => name === '@janus/modules-gpu')?.json.version)
  expect(await readFile(join(copy, file), 'utf8')).toContain(`VERSION = '${released}'`)
})

function major(json: PackageJson | undefined): string | undefined {
  return json?.version.split('.')[0]
}

async function copyOfTheWorkspace(): Promise<string> {
  const copy = await temporaryFolder('changesets')
  const members = await workspacePackages()
  const files = [
    'package.json',
    '.changeset',
    ...members.map(({ folder }) => join(folder.slice(repository.length + 1), 'package.json')),
  ]
  for (const file of files) {
    await mkdir(dirname(join(copy, file)), { recursive: true })
    await cp(join(repository, file), join(copy, file), { recursive: true })
  }
  const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.invalid', '-c', 'commit.gpgsign=false']
  for (const args of [
    ['init', '-q', '-b', 'main'],
    ['add', '.'],
    [...identity, 'commit', '-q', '-m', 'copy'],
  ]) {
    const { exitCode, output } = await runProgram('git', args, { cwd: copy })
    if (exitCode !== 0) throw new Error(output)
  }
  return copy
}
