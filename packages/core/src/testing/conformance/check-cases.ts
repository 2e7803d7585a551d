import assert from 'node:assert/strict'
import { findingsSchema } from '../../contract/finding-schema.js'
import type { Host } from '../../contract/host.js'
import * as z from '../../zod.js'
import { createMemoryHost } from '../memory-host.js'
import { titled } from './clauses.js'
import type { ConformanceCase, ConformanceSubject, ModuleFixture } from './conformance-case.js'
import { callCheck, noAnswers, settingsOf } from './module-call.js'
import { requireQuiet, requireUnchanged } from './require-no-side-effects.js'

/** What a check must hold to, on each fixture and on hosts that show nothing. */
export function checkCases({ module, fixtures }: ConformanceSubject): readonly ConformanceCase[] {
  const onFixture = (fixture: ModuleFixture): readonly ConformanceCase[] => {
    const check = () => callCheck(module, settingsOf(fixture))
    return [
      {
        ...titled('check-changes-nothing', fixture.title),
        async run() {
          const kernel = fixture.kernel?.()
          const before = kernel?.snapshot()
          const settings = {
            ...settingsOf(fixture),
            ...(kernel === undefined ? {} : { host: kernel.host, query: fixture.query ?? kernel.query }),
          }
          const { forbidden } = await callCheck(module, { ...settings, frozen: true })
          requireUnchanged(forbidden)
          assert.deepEqual(kernel?.snapshot(), before)
        },
      },
      {
        ...titled('check-leaves-the-process-alone', fixture.title),
        run: async () => requireQuiet((await check()).forbidden),
      },
      {
        ...titled('check-repeatable', fixture.title),
        run: async () => assert.deepEqual((await check()).value, (await check()).value),
      },
      {
        ...titled('findings-form', fixture.title),
        async run() {
          const parsed = findingsSchema.safeParse((await check()).value)
          assert.ok(parsed.success, parsed.error === undefined ? '' : z.prettifyError(parsed.error))
        },
      },
      {
        ...titled('findings-unique', fixture.title),
        async run() {
          const ids = [...(await check()).value].map((finding) => finding.id)
          assert.deepEqual(ids, [...new Set(ids)])
        },
      },
      {
        ...titled('findings-remedy', fixture.title),
        async run() {
          const bad = [...(await check()).value].filter(({ status }) => status === 'warn' || status === 'critical')
          for (const { id, remedy } of bad) assert.ok(remedy?.trim(), `finding ${id} must say what the reader can do`)
        },
      },
      {
        ...titled('check-abort', fixture.title),
        async run() {
          const settings = { ...settingsOf(fixture), signal: AbortSignal.abort() }
          await callCheck(module, settings).catch((error) => requireAbort(error))
        },
      },
    ]
  }
  const barren = [
    ['a host that shows nothing', createMemoryHost({})],
    ['a host that lets nothing be read', deniedHost()],
  ] as const
  return [
    ...fixtures.flatMap(onFixture),
    ...barren.map(([name, host]) => ({
      ...titled('check-answers-anywhere', name),
      async run() {
        const { value } = await callCheck(module, { host, query: noAnswers })
        assert.ok(Array.isArray(value), 'check must return a list of findings')
      },
    })),
  ]
}

/** Cancelled work may answer, or reject with the reason of the signal; nothing else. */
export function requireAbort(error: unknown): void {
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown }
  if (code === 'JANUS_ABORTED' || name === 'AbortError') return
  throw error
}

/** Every path may exist, and none can be read. */
export function deniedHost(): Host {
  const denied = async () => ({ unreadable: 'denied' }) as const
  return Object.freeze({
    kind: 'tree',
    root: '/',
    description: 'a host without permissions',
    readText: denied,
    readBytes: denied,
    readPieces: denied,
    readLink: denied,
    readLinkText: denied,
    list: denied,
    exists: async () => false,
    stat: denied,
  }) satisfies Host
}
