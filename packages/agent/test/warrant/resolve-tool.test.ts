import { chmod, mkdtemp, realpath, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type DigestCache,
  leastLimits,
  resolveBinary,
  resolveTool,
  type ToolAction,
  type ToolEntry,
} from '../../src/index.js'
import { HARD_LIMITS } from '../../src/warrant/execution-limits.js'
import { grammarOf, toolEntry } from '../support/tool-entry.js'

const GRAMMAR = grammarOf('--text=', '--count=', '--output-file=', '--verbose', '--quiet', '--colour')
const STALE = { code: 'JANUS_AGENT_STALE' }
let folder: string
let program: string

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-resolve-')))
  program = join(folder, 'program')
  await writeFile(program, '#!/bin/sh\n', { mode: 0o755 })
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const action = (more: Partial<ToolAction> = {}): ToolAction => ({
  kind: 'tool',
  tool: 'x',
  args: [],
  kwargs: {},
  network: [],
  ...more,
})
const resolve = (wanted: ToolAction, entry: Partial<ToolEntry> = {}) =>
  resolveTool(wanted, {
    tool: (name) => (name === 'x' ? toolEntry('x', [program, '-c'], { grammar: GRAMMAR, ...entry }) : undefined),
    proposal: 'janus-0123456789ab',
    preservedEnvironment: ['PATH', 'LANG'],
    allowedDomains: ['example.org'],
    limits: HARD_LIMITS,
  })

describe('a program', () => {
  test('is looked for in fixed directories, whatever PATH says, and links are followed to the file itself', async () => {
    await symlink('program', join(folder, 'link'))
    const directories = ['/nonexistent', folder]
    expect(await resolveBinary('link', { directories })).toMatchObject({ path: program })
    process.env.PATH = `${folder}:${process.env.PATH}`
    await expect(resolveBinary('program')).rejects.toMatchObject(STALE)
  })

  test.each(['', 'bin/program', './program', '../program', 'a\0b', '/nonexistent/program', '/'])(
    'that is called %j is none',
    async (command) => {
      await expect(resolveBinary(command)).rejects.toMatchObject(STALE)
    },
  )

  test('is read again when it was touched in any way, even where its times and size were put back', async () => {
    const digests: DigestCache = new Map()
    const first = await resolveBinary(program, { digests })
    expect(await resolveBinary(program, { digests })).toEqual(first)
    expect(digests.size).toBe(1)
    await writeFile(`${program}.new`, '#!/bin/no\n', { mode: 0o755 })
    await utimes(`${program}.new`, new Date(1000), new Date(1000))
    await utimes(program, new Date(1000), new Date(1000))
    await rename(`${program}.new`, program)
    expect((await resolveBinary(program, { digests })).sha256).not.toBe(first.sha256)
    await writeFile(program, '#!/bin/sh\n')
    await utimes(program, new Date(1000), new Date(1000))
    expect((await resolveBinary(program, { digests })).sha256).toBe(first.sha256)
    await chmod(program, 0o644)
    await expect(resolveBinary(program, { digests })).rejects.toMatchObject(STALE)
  })
})

describe('a tool', () => {
  test('gets the domains that are allowed, each in its one spelling, and none that is not', async () => {
    const network = async (...domains: readonly string[]) =>
      (await resolve(action({ network: domains }), { allow_network: true })).network
    expect(await network('Example.org:443', 'www.example.org', 'example.org:443')).toEqual([
      'example.org:443',
      'www.example.org',
    ])
    for (const refused of ['example.org:8443', 'evil.test', 'evil-example.org', '*.org'])
      await expect(network('example.org', refused)).rejects.toMatchObject(STALE)
  })

  test('gets its arguments as they are, behind those of its configuration: attack 3', () => {
    return fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0'))), async (args) => {
        const given = args.map((text) => `--text=${text}`)
        expect((await resolve(action({ args: given }))).argv).toEqual(['-c', ...given])
      }),
      { numRuns: 50 },
    )
  })

  test('gets named arguments as options before what stands by itself, in the order of their names', async () => {
    const kwargs = { verbose: true, count: 3, quiet: false, colour: null, 'output-file': '-x y' }
    expect((await resolve(action({ args: ['a'], kwargs }))).argv).toEqual([
      '-c',
      '--count=3',
      '--output-file=-x y',
      '--verbose',
      'a',
    ])
  })

  test.each<readonly [string, Partial<ToolAction>, Partial<ToolEntry>]>([
    ['is not configured', { tool: 'y' }, {}],
    ['has no command', {}, { command: [] }],
    ['is given a NUL', { args: ['a\0b'] }, {}],
    ['is given more than the kernel takes', { args: ['x'.repeat(131_072)] }, {}],
    ['is given an option that its grammar does not name', { args: ['--other'] }, {}],
    ['is given an option that is none', { kwargs: { '-o ProxyCommand': 'x' } }, {}],
    ['is given a list as an option', { kwargs: { a: [1] } }, {}],
    ['wants a network that it may not have', { network: ['example.org'] }, {}],
  ])('that %s does not run', async (_what, wanted, entry) => {
    await expect(resolve(action(wanted), entry)).rejects.toMatchObject(STALE)
  })

  test('is told from the same under another entry of the configuration', async () => {
    const one = await resolve(action())
    const other = await resolve(action(), { environment: { SECRET: 'value' } })
    expect(other.manifest).not.toBe(one.manifest)
    expect(other.environment).toEqual(['LANG', 'PATH', 'SECRET'])
    expect(JSON.stringify(other)).not.toContain('value')
  })
})

test('limits are the least of every tier, and never above the hard ones', () => {
  const tier = fc.record(
    Object.fromEntries(Object.keys(HARD_LIMITS).map((name) => [name, fc.integer({ min: 1, max: 2 ** 40 })])),
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.array(tier), (tiers) => {
      const limits = leastLimits(...tiers)
      for (const [name, hard] of Object.entries(HARD_LIMITS)) {
        const all = [hard, ...tiers.flatMap((each) => each[name] ?? [])]
        expect(limits[name as keyof typeof limits]).toBe(Math.min(...all))
      }
    }),
  )
})
