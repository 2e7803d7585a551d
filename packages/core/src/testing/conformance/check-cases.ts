import assert from 'node:assert/strict'
import { z } from 'zod'
import { findingsSchema } from '../../contract/finding-schema.js'
import type { Host } from '../../contract/host.js'
import { createMemoryHost } from '../memory-host.js'
import type { ConformanceCase, ConformanceSubject, ModuleFixture } from './conformance-case.js'
import { callCheck, noAnswers, settingsOf } from './module-call.js'
import { requireQuiet, requireUnchanged } from './require-no-side-effects.js'

/** What a check must hold to, on each fixture and on hosts that show nothing. */
export function checkCases({ module, fixtures }: ConformanceSubject): readonly ConformanceCase[] {
  const onFixture = (fixture: ModuleFixture): readonly ConformanceCase[] => {
    const title = (clause: string) => `${clause}: ${fixture.title}`
    const check = () => callCheck(module, settingsOf(fixture))
    return [
      {
        id: 'check-changes-nothing',
        title: title('check changes nothing, neither the machine nor what it is given'),
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
        id: 'check-leaves-the-process-alone',
        title: title('check prints nothing and leaves environment and process alone'),
        run: async () => requireQuiet((await check()).forbidden),
      },
      {
        id: 'check-repeatable',
        title: title('check answers the same twice'),
        run: async () => assert.deepEqual((await check()).value, (await check()).value),
      },
      {
        id: 'findings-form',
        title: title('findings have an id, a status, a summary and evidence of the right form'),
        async run() {
          const parsed = findingsSchema.safeParse((await check()).value)
          assert.ok(parsed.success, parsed.error === undefined ? '' : z.prettifyError(parsed.error))
        },
      },
      {
        id: 'findings-unique',
        title: title('no two findings have one id'),
        async run() {
          const ids = [...(await check()).value].map((finding) => finding.id)
          assert.deepEqual(ids, [...new Set(ids)])
        },
      },
      {
        id: 'findings-remedy',
        title: title('every warning and every critical finding has a remedy'),
        async run() {
          const bad = [...(await check()).value].filter(({ status }) => status === 'warn' || status === 'critical')
          for (const { id, remedy } of bad) assert.ok(remedy?.trim(), `finding ${id} must say what the reader can do`)
        },
      },
      {
        id: 'check-abort',
        title: title('check ends when it is cancelled'),
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
      id: 'check-answers-anywhere',
      title: `check answers instead of throwing: ${name}`,
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
    readLink: denied,
    readLinkText: denied,
    list: denied,
    exists: async () => false,
    stat: denied,
  }) satisfies Host
}
