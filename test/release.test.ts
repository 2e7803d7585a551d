import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { PackedPackage } from '../scripts/packed-packages.js'
import { installedSizes } from '../scripts/release/installed-sizes.js'
import { lockFaults } from '../scripts/release/lock-rules.js'
import { publishingOrder } from '../scripts/release/publishing-order.js'
import { type Sbom, sbomFaults } from '../scripts/release/sbom.js'
import {
  installedSizeFaults,
  makeSizeBudgets,
  packageSizeFaults,
  readSizeBudgets,
} from '../scripts/release/size-budgets.js'
import { tarballFaults } from '../scripts/release/tarball-faults.js'
import { peerRange, versionFaults } from '../scripts/release/version-rules.js'
import { runProgram, tool } from '../scripts/run-program.js'
import { type PackageJson, publicPackages, repository } from '../scripts/workspace.js'
import { temporaryFolder } from './temporary-folder.js'

const core = (version: string): PackageJson => ({ name: '@janus/core', version })
const gpu = (version: string, range: string): PackageJson => ({
  name: '@janus/modules-gpu',
  version,
  peerDependencies: { '@janus/core': range, zod: '^4.0.0' },
})

describe('the versions of a release', () => {
  test('may rise by a minor while the range of peers stays', () => {
    const before = [core('0.1.0'), gpu('0.1.0', '>=0.1.0 <1.0.0')]
    expect(versionFaults(before, [core('0.2.0'), gpu('0.1.1', '>=0.1.0 <1.0.0')])).toEqual([])
    expect(versionFaults(before, before)).toEqual([])
  })

  test('jump to no major, and never go back', () => {
    expect(versionFaults([core('0.9.3')], [core('1.0.0')])).toEqual([
      '@janus/core jumps from 0.9.3 to the next major version 1.0.0',
    ])
    expect(versionFaults([core('0.2.1')], [core('0.2.0')])).toEqual(['@janus/core goes back from 0.2.1 to 0.2.0'])
    expect(versionFaults([core('0.2.1')], [])).toEqual(['@janus/core is gone'])
  })

  test('keep the upper bound of the range of peers, which changesets would lose', () => {
    const faults = versionFaults([core('0.1.0')], [core('0.2.0'), gpu('0.2.0', '>=0.2.0')])
    expect(faults).toEqual([
      '@janus/modules-gpu asks for @janus/core >=0.2.0 as a peer; with 0.2.0 it is >=0.1.0 <1.0.0',
    ])
    expect(peerRange('1.4.2')).toBe('^1.0.0')
  })

  test('are exactly those that the command depends on', () => {
    const cli = { name: '@janus/cli', version: '0.1.0', dependencies: { '@janus/core': '0.1.0' } }
    expect(versionFaults([], [core('0.2.0'), cli])).toHaveLength(1)
  })

  test('are written to the lock file, which stays as it is otherwise', () => {
    const lock = (packages: object): string => JSON.stringify({ packages })
    const before = lock({ 'packages/core': { version: '0.1.0' }, 'node_modules/yaml': { version: '2.9.1' } })
    const after = lock({ 'packages/core': { version: '0.2.0' }, 'node_modules/yaml': { version: '2.9.1' } })
    expect(lockFaults(before, after)).toEqual([])
    expect(lockFaults(before, lock({ 'node_modules/yaml': { version: '2.9.2' }, 'node_modules/a': {} }))).toEqual([
      'the lock file has another node_modules/yaml',
      'the lock file gains node_modules/a',
    ])
    expect(lockFaults(before, lock({}))).toEqual(['the lock file loses node_modules/yaml'])
  })

  test('change no package that one of the house has for itself', () => {
    const lock = (version: string): string =>
      JSON.stringify({ packages: { 'packages/cli/node_modules/commander': { version } } })
    expect(lockFaults(lock('15.0.0'), lock('15.0.1'))).toEqual([
      'the lock file has another packages/cli/node_modules/commander',
    ])
  })
})

describe('a package as it would be published', () => {
  test('has what a user needs and nothing else', async () => {
    const packed = await pack({ 'dist/index.js': 'export {}\n', 'bin/a.js': '\n' })
    expect(await tarballFaults(packed, await temporaryFolder('unpacked'), ['/somewhere'])).toEqual([])
  })

  test('is refused with sources, tests, strange files, paths of the machine, a script that installs, or a local dependency', async () => {
    const files = {
      'dist/index.js': 'throw "/somewhere/src"\n',
      'dist/a.ts': '',
      'dist/a.test.js': '',
      'notes.txt': '',
    }
    const json = { scripts: { postinstall: 'x' }, dependencies: { other: 'file:../other' } }
    const packed = await pack(files, json)
    expect(await tarballFaults(packed, await temporaryFolder('unpacked'), ['/somewhere'])).toEqual(
      [
        'notes.txt is nothing that a user needs',
        'dist/a.test.js is of the tests',
        'dist/a.ts is a source',
        'it has a postinstall script',
        'other is local',
        'dist/index.js holds the path /somewhere of this machine',
      ].map((fault) => `a-package: ${fault}`),
    )
  })

  test('is refused without its licence, or with another one', async () => {
    const packed = await pack({ 'LICENSE.md': 'Take it.\n' })
    expect(await tarballFaults(packed, await temporaryFolder('unpacked'), [])).toEqual([
      'a-package: LICENSE.md is not that of the repository',
    ])
  })

  test('is published after what it needs', () => {
    const one = (name: string, needs: string): PackedPackage =>
      packedOf({ name, version: '1.0.0', dependencies: { [needs]: '1.0.0' } }, {})
    const order = publishingOrder([one('a', 'b'), one('b', 'c'), one('c', 'zod')]).map(({ json }) => json.name)
    expect(order).toEqual(['c', 'b', 'a'])
    expect(() => publishingOrder([one('a', 'b'), one('b', 'a')])).toThrow('depend on each other')
  })
})

describe('size budgets', () => {
  const json = { name: 'a-package', version: '1.0.0' }
  const budgets = makeSizeBudgets([packedOf(json, { 'dist/a.js': 10_000, 'dist/chunk-AB12CD34.js': 5_000 })], {
    zod: 4_000,
  })

  test('leave a tenth of room', () => {
    const within = packedOf(json, { 'dist/a.js': 10_900, 'dist/chunk-EF56GH78.js': 5_000 })
    expect(packageSizeFaults(within, budgets)).toEqual([])
    expect(installedSizeFaults({ zod: 4_400 }, budgets)).toEqual([])
  })

  test('say which file grew, which is new, and how they are raised', () => {
    const over = packedOf(json, { 'dist/a.js': 10_000, 'dist/chunk-EF56GH78.js': 9_000, 'dist/b.js': 30_000 })
    expect(packageSizeFaults(over, budgets)).toEqual([
      'the tarball of a-package has 47.9 KiB, its budget is 17.0 KiB.',
      'a-package unpacked has 47.9 KiB, its budget is 17.0 KiB.',
      '  dist/b.js: new -> 29.3 KiB (+29.3 KiB)',
      '  dist/chunk-*.js: 4.9 KiB -> 8.8 KiB (+3.9 KiB)',
      expect.stringContaining('npm run sizes'),
    ])
    expect(installedSizeFaults({ zod: 4_000, yaml: 9_000 }, budgets)[1]).toBe('  yaml: new -> 8.8 KiB (+8.8 KiB)')
  })

  test('are there for every package', async () => {
    const { packages } = await readSizeBudgets()
    expect(Object.keys(packages).toSorted()).toEqual((await publicPackages()).map(({ name }) => name).toSorted())
    expect(packageSizeFaults(packedOf({ ...json, name: 'another' }, {}), budgets)[0]).toContain('no size budget')
  })

  test('count each installed file for the package that it lies in', async () => {
    const project = await temporaryFolder('installed')
    const files = {
      'zod/a.js': 3,
      '@janus/core/a.js': 5,
      '@janus/core/node_modules/yaml/a.js': 7,
      '.package-lock.json': 9,
    }
    for (const [path, size] of Object.entries(files)) await put(join(project, 'node_modules', path), 'x'.repeat(size))
    expect(await installedSizes(project)).toEqual({ zod: 3, '@janus/core': 5, '@janus/core/node_modules/yaml': 7 })
  })
})

describe('a bill of materials', () => {
  const component = (name: string, licence?: string): Sbom['components'][number] => ({
    'bom-ref': `${name}@1.0.0`,
    name,
    version: '1.0.0',
    purl: `pkg:npm/${name.replace('@', '%40')}@1.0.0`,
    ...(licence === undefined ? {} : { licenses: [{ license: { id: licence } }] }),
  })
  const sbom: Sbom = {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    serialNumber: 'urn:uuid:5ce1c4ab-8a52-4e93-a9c8-d5e3a2a0a0b5',
    metadata: { component: component('all') },
    components: [component('@janus/core', 'GPL-3.0-or-later'), component('zod', 'MIT')],
    dependencies: [{ ref: 'all@1.0.0', dependsOn: ['@janus/core@1.0.0'] }],
  }
  const installed = [
    { name: '@janus/core', version: '1.0.0' },
    { name: 'zod', version: '1.0.0' },
  ]

  test('holds every package with its version and licence', () => {
    expect(sbomFaults(sbom, installed)).toEqual([])
  })

  test('is refused when one is missing, is of another version, has no licence, or leads nowhere', () => {
    expect(sbomFaults(sbom, [{ name: 'yaml', version: '2.0.0' }])).toEqual(['yaml 2.0.0 is installed and not in it'])
    expect(sbomFaults(sbom, [{ name: 'zod', version: '2.0.0' }])).toEqual(['zod 2.0.0 is installed and not in it'])
    expect(sbomFaults({ ...sbom, components: [component('@janus/core'), component('zod', 'MIT')] }, installed)).toEqual(
      ['@janus/core 1.0.0 has no licence'],
    )
    expect(sbomFaults({ ...sbom, dependencies: [{ ref: 'all@1.0.0', dependsOn: ['gone'] }] }, installed)).toEqual([
      'a dependency refers to gone, which is no component',
    ])
  })
})

describe('publishing', () => {
  test('refuses a tarball that is not the one that was checked', async () => {
    const folder = await temporaryFolder('publication')
    await writeFile(join(folder, 'a.tgz'), 'something else')
    const entry = { name: 'a-package', version: '1.0.0', tarball: 'a.tgz', integrity: 'sha512-of-another' }
    await writeFile(join(folder, 'packages.json'), JSON.stringify([entry]))
    const { exitCode, output } = await runProgram(tool('tsx'), ['scripts/publish-packages.ts', folder])
    expect(exitCode).toBe(1)
    expect(output).toMatch(/^a\.tgz is not what was checked: sha512-/)
  })
})

function packedOf(json: PackageJson, fileSizes: Readonly<Record<string, number>>): PackedPackage {
  const size = Object.values(fileSizes).reduce((total, one) => total + one, 0)
  const files = Object.keys(fileSizes)
  return { json, folder: '', tarball: '', integrity: '', size, unpackedSize: size, files, fileSizes }
}

/** A tarball as npm makes them, of these files, a README and our licence. */
async function pack(files: Readonly<Record<string, string>>, json: object = {}): Promise<PackedPackage> {
  const folder = await temporaryFolder('package')
  await mkdir(join(folder, 'package'))
  await copyFile(join(repository, 'LICENSE.md'), join(folder, 'package/LICENSE.md'))
  const manifest = { name: 'a-package', version: '1.0.0', ...json }
  const all = { 'README.md': '# a-package\n', ...files, 'package.json': JSON.stringify(manifest) }
  for (const [path, text] of Object.entries(all)) await put(join(folder, 'package', path), text)
  const tarball = join(folder, 'a-package.tgz')
  const { exitCode, output } = await runProgram('tar', ['-czf', tarball, '-C', folder, 'package'])
  expect(exitCode, output).toBe(0)
  return { ...packedOf(manifest, {}), files: [...new Set([...Object.keys(all), 'LICENSE.md'])], tarball }
}

async function put(path: string, text: string): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, text)
}
