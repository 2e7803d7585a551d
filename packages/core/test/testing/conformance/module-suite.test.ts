import { existsSync, readdirSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { createMemoryHost, MODULE_CLAUSES, moduleCases, moduleSuite } from '../../../src/testing/index.js'
import { LEFT_BEHIND } from './bad-modules/check-changes-nothing.js'
import { fixtures, pagesModule } from './good-module.js'

const good = pagesModule()
const clauses = [...new Set(moduleCases({ module: good, fixtures }).map((entry) => entry.id))]

describe('the module suite, run by vitest', () => {
  moduleSuite({ test, module: good, fixtures })
})

async function failuresOf(module: typeof good): Promise<readonly string[]> {
  const failed: string[] = []
  for (const { id, run } of moduleCases({ module, fixtures })) {
    try {
      await run()
    } catch {
      failed.push(id)
    }
  }
  return [...new Set(failed)]
}

describe('the module suite', () => {
  it('tries every clause', () => {
    expect([...clauses].sort()).toEqual(Object.keys(MODULE_CLAUSES).sort())
  })

  it('has a bad module for every clause', () => {
    const names = readdirSync(new URL('bad-modules', import.meta.url)).map((name) => name.replace('.ts', ''))
    expect(names.sort()).toEqual([...clauses].sort())
  })

  it.each(clauses)('finds exactly what is wrong with the module that breaks %s', async (clause) => {
    const { default: module } = (await import(`./bad-modules/${clause}.ts`)) as { default: typeof good }
    expect(await failuresOf(module)).toEqual([clause])
  })

  it('keeps a module from doing what it must not do', async () => {
    const { default: module } = await import('./bad-modules/check-changes-nothing.js')
    await failuresOf(module)
    expect(existsSync(LEFT_BEHIND)).toBe(false)
  })

  it('asks nothing about apply of a module that only checks', () => {
    const module = { ...good, supports: { apply: false, rollback: 'journal' } as const }
    const ids = moduleCases({ module, fixtures: [{ title: 'any', host: createMemoryHost({}), options: {} }] }).map(
      ({ id }) => id,
    )
    expect(ids.filter((id) => id.startsWith('apply'))).toEqual([])
  })
})
