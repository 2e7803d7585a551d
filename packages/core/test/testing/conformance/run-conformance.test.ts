import { describe, expect, it } from 'vitest'
import { defineModule } from '../../../src/contract/define-module.js'
import { conformanceLine, createMemoryHost, runCases, runConformance } from '../../../src/testing/index.js'
import { fixtures, pagesModule } from './good-module.js'

describe('the module suite without a test runner', () => {
  it('reports each case, and the count in one line', async () => {
    const report = await runConformance(pagesModule(), fixtures)
    expect(report.results.filter(({ ok }) => !ok)).toEqual([])
    expect(report).toMatchObject({ api: 1, module: { id: 'pages', version: '1.0.0', kind: 'javascript' }, untried: [] })
    expect(conformanceLine(report)).toBe(`Module API v1 conformance: ${report.total}/${report.total}`)
  })

  it('says why a case failed', async () => {
    const { default: module } = await import('./bad-modules/findings-remedy.js')
    const report = await runConformance(module, fixtures)
    expect(report.total - report.passed).toBe(2)
    expect(report.results.find(({ ok }) => !ok)).toMatchObject({
      id: 'findings-remedy',
      why: expect.stringContaining('finding hugepages must say what the reader can do'),
    })
  })

  it('brings a machine of its own, and tries apply when no option is needed', async () => {
    const report = await runConformance(pagesModule())
    expect(report).toMatchObject({ passed: report.total, untried: [] })
  })

  it('names the clauses that it had nothing to try on', async () => {
    const host = createMemoryHost({})
    const report = await runConformance(pagesModule(), [{ title: 'a host without options', host }])
    expect(report.untried).toEqual(
      expect.arrayContaining(['apply-reaches-its-goal', 'undo-restores', 'both-ways-back']),
    )
    const { metadata, options, check } = pagesModule()
    const checkOnly = defineModule({ metadata, options, check })
    expect((await runConformance(checkOnly, [{ title: 'a host', host }])).untried).toEqual([])
  })

  it('gives up a case that does not end, and goes on', async () => {
    const cases = [
      { id: 'waits', title: 'waits', run: () => new Promise<void>(() => {}) },
      { id: 'ends', title: 'ends', run: async () => {} },
    ]
    const seen: string[] = []
    const results = await runCases(cases, { deadline: 20, onResult: ({ id }) => seen.push(id) })
    expect(results.map(({ ok }) => ok)).toEqual([false, true])
    expect(seen).toEqual(['waits', 'ends'])
    await expect(runCases(cases, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'JANUS_ABORTED' })
  })
})
