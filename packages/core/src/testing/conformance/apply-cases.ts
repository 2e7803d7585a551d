import assert from 'node:assert/strict'
import { changeSchema } from '../../contract/change-schema.js'
import { ERROR_CODES } from '../../errors/codes.js'
import { isJanusError } from '../../errors/janus-error.js'
import * as z from '../../zod.js'
import { createMemoryHost } from '../memory-host.js'
import { deniedHost, requireAbort } from './check-cases.js'
import { titled } from './clauses.js'
import type { ConformanceCase, ConformanceSubject, ModuleFixture } from './conformance-case.js'
import { callApply, callRollback, noAnswers, settingsOf } from './module-call.js'
import { requireQuiet, requireUnchanged } from './require-no-side-effects.js'

/** What apply and rollback must hold to: they compute, and nothing else. */
export function applyCases({ module, fixtures }: ConformanceSubject): readonly ConformanceCase[] {
  if (!module.supports.apply) return []
  return fixtures.filter((fixture) => 'options' in fixture).flatMap((fixture) => casesOn(module, fixture))
}

function casesOn(module: ConformanceSubject['module'], fixture: ModuleFixture): readonly ConformanceCase[] {
  const apply = () => callApply(module, settingsOf(fixture))
  const rollback = () => callRollback(module, settingsOf(fixture))
  return [
    {
      ...titled('apply-changes-nothing', fixture.title),
      async run() {
        const { forbidden } = await callApply(module, { ...settingsOf(fixture), frozen: true })
        requireUnchanged(forbidden)
      },
    },
    {
      ...titled('apply-leaves-the-process-alone', fixture.title),
      run: async () => requireQuiet((await apply()).forbidden),
    },
    {
      ...titled('apply-deterministic', fixture.title),
      run: async () => assert.deepEqual((await apply()).value, (await apply()).value),
    },
    {
      ...titled('changes-form', fixture.title),
      run: async () => requireChanges((await apply()).value),
    },
    {
      ...titled('apply-errors', fixture.title),
      async run() {
        for (const host of [createMemoryHost({}), deniedHost()]) {
          await callApply(module, { ...settingsOf(fixture), host, query: noAnswers }).catch(requireCatalogueError)
        }
      },
    },
    {
      ...titled('apply-abort', fixture.title),
      async run() {
        await callApply(module, { ...settingsOf(fixture), signal: AbortSignal.abort() }).catch((error) =>
          requireAbort(error),
        )
      },
    },
    {
      ...titled('rollback-form', fixture.title),
      async run() {
        const { value, forbidden } = await rollback()
        requireUnchanged(forbidden)
        requireChanges(value)
      },
    },
  ]
}

function requireChanges(value: unknown): void {
  const parsed = z.array(changeSchema).safeParse(value)
  assert.ok(parsed.success, parsed.error === undefined ? '' : z.prettifyError(parsed.error))
}

function requireCatalogueError(error: unknown): void {
  if (error instanceof assert.AssertionError) throw error
  assert.ok(isJanusError(error), `it must throw a JanusError, it threw ${String(error)}`)
  assert.ok(Object.hasOwn(ERROR_CODES, error.code), `${error.code} is not in the catalogue`)
}
