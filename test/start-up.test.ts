import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runProgram } from '../scripts/run-program.js'
import { repository } from '../scripts/workspace.js'

// The packages as `npm ci` or `npm test` built them. What a start costs is what is read for it: half a millisecond per
// file, however small. Times depend on the machine and its load; lists of files do not.

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-start-up-'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the files that a command reads of us', () => {
  test('its version: nothing of core', async () => {
    const files = await filesReadBy(['--version'])
    expect(files.filter((file) => /core/.test(file))).toEqual([])
    expect(files.length).toBeLessThanOrEqual(4)
  })

  test('its help: of core no more than which commands packages bring', async () => {
    const files = await filesReadBy(['--help'])
    expect(files).not.toContain('packages/core/dist/index.js')
    expect(files.filter((file) => /zod/.test(file))).toEqual([])
    expect(files.length).toBeLessThanOrEqual(6)
  })

  test('what a shell completes of the commands: neither core nor the parser of command lines', async () => {
    const files = await filesReadBy(['__complete', '--', 'bind', '--dev'])
    expect(files).not.toContain('packages/core/dist/index.js')
    expect(files.length).toBeLessThanOrEqual(5)
  })

  test.each(['--device', '--host'])(
    'what a shell completes behind %s: no schema library, no module',
    async (option) => {
      const files = await filesReadBy(['__complete', '--', 'bind', option, ''])
      expect(files.filter((file) => /zod|packages\/(modules|agent)/.test(file))).toEqual([])
    },
  )

  test('the modules that a shell completes: their manifests, none of their code', async () => {
    const files = await filesReadBy(['__complete', '--', 'check', ''])
    expect(files.filter((file) => /packages\/(modules|agent)/.test(file))).toEqual([])
  })

  test('the devices: no schema library', async () => {
    const files = await filesReadBy(['bind', '--list'])
    expect(files.filter((file) => /zod/.test(file))).toEqual([])
    expect(files.length).toBeLessThanOrEqual(9)
  })

  test('nothing of others: what a start needs of them is built in', async () => {
    const files = await filesReadBy(['check', '--no-interactive'])
    expect(files.filter((file) => /node_modules/.test(file))).toEqual([])
  })

  test('a check: one copy of the schema library, one file per package of modules, and of the agent what says that it is not installed', async () => {
    const files = await filesReadBy(['check', '--no-interactive'])
    expect(files.filter((file) => /zod/.test(file))).toEqual(['packages/core/dist/zod.js'])
    expect(files.filter((file) => file.startsWith('packages/modules-'))).toEqual([
      'packages/modules-cpu/dist/index.js',
      'packages/modules-gpu/dist/index.js',
    ])
    const ofTheAgent = files.filter((file) => file.startsWith('packages/agent/'))
    expect(ofTheAgent.filter((file) => !/dist\/install(\.js$|-chunks\/)/.test(file))).toEqual([])
    expect(files.length).toBeLessThanOrEqual(17)
  })
})

describe('the zod that core brings and the zod of a module by others', () => {
  test('understand each other: a schema of one is told as JSON Schema, explained and nested by the other', async () => {
    const own = (await import(
      pathToFileURL(join(repository, 'packages/core/dist/zod.js')).href
    )) as typeof import('../packages/core/src/zod.js')
    const theirs = (await import(
      createRequire(join(repository, 'packages/core/package.json')).resolve('zod')
    )) as typeof import('../packages/core/src/zod.js')
    const schema = theirs.strictObject({ mode: theirs.enum(['on', 'off']).describe('what it is') })
    expect(own.string).not.toBe(theirs.string)
    expect(own.toJSONSchema(schema)).toEqual(theirs.toJSONSchema(schema))
    const error = schema.safeParse({ mode: 'up' }).error
    expect(error && own.prettifyError(error)).toMatch(/"on".*"off"[\s\S]*mode/)
    expect(own.array(schema).safeParse([{ mode: 'on' }, { made: 'on' }]).success).toBe(false)
    expect(own.array(schema).parse([{ mode: 'on' }])).toEqual([{ mode: 'on' }])
  })
})

/** Files of the repository that V8 compiled for a command, its packages' dependencies included; sorted. */
async function filesReadBy(args: readonly string[]): Promise<readonly string[]> {
  const coverage = await mkdtemp(join(folder, 'coverage-'))
  const env = { PATH: process.env.PATH ?? '', HOME: folder, NODE_V8_COVERAGE: coverage }
  const { exitCode, output } = await runProgram(
    process.execPath,
    [join(repository, 'packages/cli/bin/janus.js'), ...args],
    { env },
  )
  expect([0, 1], output).toContain(exitCode)
  const urls: string[] = []
  for (const name of await readdir(coverage)) {
    const { result } = JSON.parse(await readFile(join(coverage, name), 'utf8')) as { result: { url: string }[] }
    urls.push(...result.map(({ url }) => url))
  }
  const files = urls.filter((url) => url.startsWith('file:')).map((url) => relative(repository, fileURLToPath(url)))
  expect(files).toContain('packages/cli/dist/bin.js')
  return [...new Set(files)].sort()
}
