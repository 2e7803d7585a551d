import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runChecks } from '../../src/check/index.js'
import type { CheckReport } from '../../src/contract/check-report.js'
import type { Diagnostic } from '../../src/contract/diagnostic.js'
import type { RunnableModule } from '../../src/contract/runnable-module.js'
import type { Snapshot } from '../../src/contract/snapshot.js'
import { diagnosticOf } from '../../src/errors/janus-error.js'
import { createQuery } from '../../src/host/query.js'
import { createSnapshotHost } from '../../src/host/snapshot-host.js'
import { createModuleIsolation } from '../../src/isolation/index.js'
import { createNullLogger } from '../../src/logging/combine-loggers.js'
import type { DiscoveredModule } from '../../src/modules/discovered-module.js'
import { loadModule } from '../../src/modules/load-module.js'
import { readPackageFile } from '../../src/modules/package-file.js'
import { modulesOfPackage } from '../../src/modules/read-manifest.js'
import { planModule } from '../../src/plan/index.js'
import { type CorpusTree, createCorpusTree, KEY, NOBODY, SECRET } from './corpus-tree.js'
import { hostileCases } from './hostile-cases.js'
import { runPlainly } from './plain-child.js'

const bubblewrap = await access('/usr/bin/bwrap').then(
  () => true,
  () => false,
)
const SNAPSHOT: Snapshot = {
  schema: 'janus.snapshot/1',
  capturedAt: '2026-01-01T00:00:00.000Z',
  janusVersion: '0.1.0',
  masked: false,
  entries: { '/proc/sys/kernel/osrelease': { text: '6.1.0-test\n' } },
  queries: {},
}
const IDENTITY = NOBODY === undefined ? {} : { sandbox: { identity: NOBODY } }
/** Patience with what never ends: a child must have had the time to begin. */
const SHORT = 6_000
const packages = [{ fixture: 'inert' }, ...hostileCases]

describe.skipIf(!bubblewrap)('a hostile module in the sandbox', () => {
  let tree: CorpusTree
  let inert: RunnableModule
  let before: readonly string[]
  const patient = createModuleIsolation({ ...IDENTITY, limits: { deadline: 60_000 } })
  const hasty = createModuleIsolation({ ...IDENTITY, limits: { deadline: SHORT } })

  beforeAll(async () => {
    process.env[SECRET.name] = SECRET.value
    tree = await createCorpusTree(packages)
    inert = await loadModule(await sandboxed(tree, 'inert'), undefined, patient)
    before = await tree.listing()
  })
  afterAll(async () => {
    delete process.env[SECRET.name]
    await tree.remove()
  })

  test('an inert module of the same shape is ready, and answers', async () => {
    const report = await checked([inert], [])
    expect(report.diagnostics).toEqual([])
    expect(report.modules[0]?.findings[0]?.summary).toBe('read 6.1.0-test')
  })

  for (const { fixture, endsWith, hangs = false, action = 'check' } of hostileCases) {
    test(`${fixture}: ${endsWith.join(' or ')}`, { timeout: 120_000 }, async () => {
      const found = await sandboxed(tree, fixture)
      const loaded = await loadModule(found, undefined, hangs ? hasty : patient).catch((error: unknown) =>
        diagnosticOf(error),
      )
      const modules = 'severity' in loaded ? [inert] : [inert, loaded]
      const report = await checked(modules, 'severity' in loaded ? [loaded] : [])
      const planned = action === 'apply' && !('severity' in loaded) ? [await planFailure(loaded)] : []
      const diagnostics = [...report.diagnostics, ...planned]

      expect(report.modules.find(({ module }) => module === 'inert')?.findings).toHaveLength(1)
      expect(diagnostics.map(({ code }) => code).filter((code) => !endsWith.includes(code))).toEqual([])
      const answers = endsWith.includes('answers') && diagnostics.length === 0
      expect(diagnostics).toHaveLength(answers ? 0 : 1)
      for (const { module, code, summary, remedy } of report.diagnostics) {
        expect(module).toBe('hostile')
        expect(summary).toMatch(new RegExp(`hostile 1\\.0\\.0|corpus-${fixture}`))
        // A package that is too new, and what a host refuses, is nobody's bug.
        const isBug = code !== 'JANUS_MODULE_API_UNSUPPORTED' && code !== 'JANUS_HOST_UNREADABLE'
        expect(summary).not.toContain('\n')
        expect(remedy).not.toContain('curl')
        if (isBug) expect(remedy).toContain(`https://bugs.example/${fixture}`)
      }
      const text = JSON.stringify(report)
      for (const secret of [KEY, SECRET.value, 'all is well', 'from outside of the sandbox'])
        expect(text).not.toContain(secret)
      const won = report.modules.flatMap(({ findings }) => findings).filter(({ id }) => id === 'won')
      if (!answers) expect(won).toEqual([])
      expect((Object.prototype as { polluted?: unknown }).polluted).toBeUndefined()
      expect(await tree.listing()).toEqual(before)
    })
  }

  test('nothing that a module started is still there', async () => {
    await delay(500)
    await expect(access(join(tree.root, 'open', 'survived.txt'))).rejects.toThrow()
    expect(await tree.listing()).toEqual(before)
  })
})

describe('the same module without a sandbox', () => {
  let tree: CorpusTree
  beforeAll(async () => {
    tree = await createCorpusTree(packages)
  })
  afterAll(() => tree.remove())

  for (const { fixture, without, action = 'check' } of hostileCases) {
    if (without === undefined) continue
    test(`${fixture}: ${without.expect}`, { timeout: 60_000 }, async () => {
      const found = await foundIn(tree, fixture)
      const hangs = without.expect === 'hangs'
      const end = await runPlainly(tree.program, found, SNAPSHOT, { action, ...(hangs ? { patience: SHORT } : {}) })
      if (without.expect === 'wins') expect(end.channel).toContain('"id":"won"')
      if (hangs) expect(end).toMatchObject({ hung: true, channel: '' })
      if (without.expect === 'says') expect(end.channel + end.channelBytes).toMatch(without.text)
      if (without.expect === 'dies') expect(end).toMatchObject({ hung: false, channel: '' })
      if (without.expect === 'prints') expect(end.printedBytes).toBeGreaterThanOrEqual(1024 * 1024 * 1024)
    })
  }

  test('a process that a module leaves behind lives on', async () => {
    const path = join(tree.root, 'open', 'survived.txt')
    for (let tries = 0; tries < 100; tries += 1) {
      if ((await readFile(path, 'utf8').catch(() => '')) !== '') return
      await delay(100)
    }
    throw new Error('it did not')
  })
})

async function sandboxed(tree: CorpusTree, fixture: string): Promise<DiscoveredModule> {
  return { ...(await foundIn(tree, fixture)), isolation: 'sandbox' }
}

async function foundIn(tree: CorpusTree, fixture: string): Promise<DiscoveredModule> {
  const file = await readPackageFile(tree.packageOf(fixture))
  const [found] = file === undefined ? [] : modulesOfPackage(file)
  if (found === undefined) throw new Error(`${fixture} was not found`)
  return found
}

async function checked(modules: readonly RunnableModule[], diagnostics: readonly Diagnostic[]): Promise<CheckReport> {
  return runChecks({ ...runOf(), emit: () => undefined }, modules, diagnostics)
}

async function planFailure(module: RunnableModule): Promise<Diagnostic> {
  const settings = { ...runOf(), by: 'test', owner: { uid: 0, gid: 0 } }
  return planModule(settings, module, {}).then(
    () => ({ severity: 'info', code: 'planned', summary: '' }) as const,
    (error: unknown) => diagnosticOf(error),
  )
}

function runOf() {
  const host = createSnapshotHost(SNAPSHOT, 'a host')
  return { host, query: createQuery(host, { env: {} }), log: createNullLogger(), signal: new AbortController().signal }
}
