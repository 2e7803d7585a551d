import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type PackedPackage, packPackages } from '../scripts/packed-packages.js'
import { checkAnswerFaults } from '../scripts/release/check-answer.js'
import { tarballFaults } from '../scripts/release/tarball-faults.js'
import { runProgram } from '../scripts/run-program.js'
import { withoutNpmVariables } from '../scripts/without-npm-variables.js'
import { repository } from '../scripts/workspace.js'
import { type LocalRegistry, startLocalRegistry } from './local-registry.js'

// Installing is the registry's pace, not ours.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

let folder = ''
let packages: readonly PackedPackage[] = []
let registry: LocalRegistry

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-packaging-'))
  packages = await packPackages(folder)
  registry = await startLocalRegistry(packages)
})

afterAll(async () => {
  await registry?.close()
  await rm(folder, { recursive: true, force: true })
})

describe('the packages as they would be published', () => {
  test('hold what was built and the licence, and neither sources, tests nor paths of this machine', async () => {
    const faults = await Promise.all(
      packages.map((packed) => tarballFaults(packed, join(folder, 'unpacked'), [repository, folder])),
    )
    expect(faults.flat()).toEqual([])
  })

  test('tell the licence of everything that was built into them', async () => {
    for (const { json, folder: own, files } of packages) {
      const bundled = await bundledLibraries(own)
      expect(files.includes('THIRD-PARTY-NOTICES.md'), json.name).toBe(bundled.length > 0)
      const notices = bundled.length === 0 ? '' : await readFile(join(own, 'THIRD-PARTY-NOTICES.md'), 'utf8')
      for (const library of bundled) expect(notices).toContain(await licenseOf(library))
    }
    expect((await bundledLibraries(join(repository, 'packages/core'))).map((path) => basename(path))).toEqual([
      'eventemitter3',
      'zod',
    ])
  })

  test('are of one version, which the packages ask of each other', () => {
    const versions = new Map(packages.map(({ json }) => [json.name, json.version]))
    for (const { json } of packages) {
      for (const [name, range] of Object.entries(json.dependencies ?? {})) {
        if (versions.has(name))
          expect(`${json.name} needs ${name} ${range}`).toBe(`${json.name} needs ${name} ${versions.get(name)}`)
      }
    }
  })
})

describe('installed from tarballs into a folder of its own', () => {
  let project = ''

  beforeAll(async () => {
    project = join(folder, 'project')
    await mkdir(project)
    await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'somebody', private: true }))
    await npm(['install', ...packages.map(({ tarball }) => tarball)], project)
  })

  test('the SDK can be imported', async () => {
    expect(await evaluate("const core = await import('@janus/core'); console.log(typeof core.createJanus)")).toBe(
      'function',
    )
  })

  test('the SDK can be required, and is the same instance as the imported one', async () => {
    const program = `
      const required = require('@janus/core')
      import('@janus/core').then((imported) => console.log(required.createJanus === imported.createJanus))`
    expect(await evaluate(program, 'commonjs')).toBe('true')
  })

  test('the test kit can be imported from its subpath', async () => {
    expect(await evaluate("console.log(Object.keys(await import('@janus/core/testing')).length > 0)")).toBe('true')
  })

  test('a path that is not exported cannot be imported', async () => {
    const program = "await import('@janus/core/dist/index.js').catch((error) => console.log(error.code))"
    expect(await evaluate(program)).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED')
  })

  test('the command is linked and executable', async () => {
    const { mode } = await stat(join(project, 'node_modules/.bin/janus'))
    expect(mode & 0o111).toBe(0o111)
  })

  test('npx janus check gives findings of every module', async () => {
    const result = await runProgram('npx', ['--no-install', 'janus', 'check', '--json'], {
      cwd: project,
      env: environment(),
    })
    expectFindingsOfEveryModule(result.stdout)
  })

  async function evaluate(program: string, type: 'module' | 'commonjs' = 'module'): Promise<string> {
    const args = [`--input-type=${type}`, '-e', program]
    const { stdout, output } = await runProgram(process.execPath, args, { cwd: project, env: environment() })
    return stdout.trim() || output
  }
})

describe('taken from a registry', () => {
  test('npx @janus/cli check in an empty folder gives findings of every module', async () => {
    const empty = join(folder, 'empty')
    await mkdir(empty)
    const args = ['exec', '--yes', '--', '@janus/cli', 'check', '--json']
    const { stdout } = await runProgram('npm', args, { cwd: empty, env: environment() })
    expectFindingsOfEveryModule(stdout)
    expect([...registry.unknown]).toEqual([])
  })

  test('a global installation gives findings of every module', async () => {
    const prefix = join(folder, 'global')
    await mkdir(prefix)
    await npm(['install', '--global', '--prefix', prefix, '@janus/cli'], folder)
    const { stdout } = await runProgram(join(prefix, 'bin/janus'), ['check', '--json'], {
      cwd: folder,
      env: environment(),
    })
    expectFindingsOfEveryModule(stdout)
  })
})

/** Directories of the packages of others whose sources were built into a package, as its source maps tell. */
async function bundledLibraries(member: string): Promise<readonly string[]> {
  const dist = join(member, 'dist')
  const maps = (await readdir(dist, { recursive: true })).filter((file) => file.endsWith('.js.map'))
  const libraries = new Set<string>()
  for (const map of maps) {
    const { sources } = JSON.parse(await readFile(join(dist, map), 'utf8')) as { readonly sources: readonly string[] }
    for (const source of sources) {
      const library = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(resolve(dist, map, '..', source))?.[0]
      if (library !== undefined) libraries.add(library)
    }
  }
  return [...libraries].sort()
}

/** Text of a library's licence, however its file is spelled. */
async function licenseOf(library: string): Promise<string> {
  const file = (await readdir(library)).find((name) => /^licen[cs]e(\.md|\.txt)?$/i.test(name))
  return (await readFile(join(library, file ?? 'LICENSE'), 'utf8')).trim()
}

function expectFindingsOfEveryModule(stdout: string): void {
  const manifests = packages.map(({ json }) => json)
  expect(checkAnswerFaults(stdout, manifests)).toEqual([])
}

async function npm(args: readonly string[], cwd: string): Promise<void> {
  const { exitCode, output } = await runProgram('npm', args, { cwd, env: environment() })
  if (exitCode !== 0) throw new Error(`npm ${args.join(' ')} failed:\n${output}`)
}

/** Our scope always comes from the loopback registry; the cache is the test's own, so that nothing stale answers. */
function environment(): Record<string, string | undefined> {
  return {
    ...withoutNpmVariables(process.env),
    HOME: folder,
    npm_config_userconfig: process.env.npm_config_userconfig ?? join(process.env.HOME ?? '', '.npmrc'),
    npm_config_cache: join(folder, 'cache'),
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
    'npm_config_@janus:registry': registry.url,
  }
}
