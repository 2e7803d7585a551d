import { defineModule, type JanusModule } from '@janus/core'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { runChecks } from '../../src/check/index.js'
import type { Host } from '../../src/contract/host.js'
import type { ModuleRun, RunnableModule } from '../../src/contract/runnable-module.js'
import { createLiveHost } from '../../src/host/live-host.js'
import { createNullLogger } from '../../src/logging/combine-loggers.js'
import { inProcessModule } from '../../src/modules/in-process-module.js'

describe('one run of checks', () => {
  test('reads what several modules ask for once, and the next run reads it anew', async () => {
    const asked: string[] = []
    const host: Host = {
      ...createLiveHost(),
      async readText(path) {
        asked.push(path)
        return { value: String(asked.length) }
      },
    }
    const modules = [reader('first'), reader('second')]
    const summaries = async () => {
      const report = await runChecks(settings(host), modules, [])
      return report.modules.flatMap(({ findings }) => findings.map(({ summary }) => summary))
    }
    expect(await summaries()).toEqual(['1', '1'])
    expect(await summaries()).toEqual(['2', '2'])
    expect(asked).toEqual(['/proc/cmdline', '/proc/cmdline'])
  })

  test('gives all modules the same run, so that those kept away share one snapshot', async () => {
    const runs: ModuleRun[] = []
    const recorder = (id: string): RunnableModule => ({
      ...reader(id),
      async check(run) {
        runs.push(run)
        return []
      },
    })
    await runChecks(settings(createLiveHost()), [recorder('first'), recorder('second')], [])
    expect(new Set(runs).size).toBe(1)
    expect(runs.length).toBe(2)
  })

  test('asks a module what is asked of it, and the others nothing', async () => {
    const asked = new Map<string, unknown>()
    const recorder = (id: string): RunnableModule => ({
      ...reader(id),
      async check(_, options) {
        asked.set(id, options)
        return []
      },
    })
    const options = { first: { vcpus: 8 } }
    await runChecks({ ...settings(createLiveHost()), options }, [recorder('first'), recorder('toString')], [])
    expect([...asked]).toEqual([
      ['first', { vcpus: 8 }],
      ['toString', undefined],
    ])
  })

  test('has a module read its options as an apply would, and says what is wrong with them', async () => {
    const speeds = defineModule({
      metadata: { id: 'speeds', type: 'cpu', version: '1.0.0', compatApi: 1, summary: 'Speeds.' },
      options: z.strictObject({ speed: z.int().default(3) }),
      check: async ({ options }) => [{ id: 'speed', status: 'ok', summary: String(options?.speed) }],
    })
    const module = inProcessModule(speeds as unknown as JanusModule)
    const report = (options: unknown) =>
      runChecks({ ...settings(createLiveHost()), options: { speeds: options } }, [module], [])
    expect((await report({ speed: 5 })).modules[0]?.findings).toMatchObject([{ summary: '5' }])
    expect((await report({})).modules[0]?.findings).toMatchObject([{ summary: '3' }])
    expect((await report(undefined)).modules[0]?.findings).toMatchObject([{ summary: 'undefined' }])
    expect((await report({ sped: 5, speed: 'x' })).diagnostics).toMatchObject([
      {
        code: 'JANUS_OPTIONS_INVALID',
        module: 'speeds',
        summary: expect.stringMatching(/^the options of speeds are not valid: speed: .+; Unrecognized key: "sped"$/),
        remedy: 'See `janus module show speeds` for its options.',
      },
    ])
    expect((await report({ sped: 5 })).diagnostics).toMatchObject([{ code: 'JANUS_OPTIONS_INVALID', module: 'speeds' }])
  })

  test('takes findings that are malformed for a crash of the module, and keeps those of the others', async () => {
    const malformed: RunnableModule = {
      ...reader('broken'),
      check: async () => [{ id: 'x', status: 'fine', summary: 'x' }],
    }
    const report = await runChecks(settings(createLiveHost()), [malformed, reader('other')], [])
    expect(report.modules.map(({ module }) => module)).toEqual(['other'])
    expect(report.diagnostics).toMatchObject([{ code: 'JANUS_MODULE_CRASHED', module: 'broken' }])
    expect(report.diagnostics[0]?.summary).toMatch(/malformed: .*status/s)
  })
})

function settings(host: Host): Parameters<typeof runChecks>[0] {
  return {
    host,
    query: async () => ({ available: false, reason: 'nothing is asked here' }),
    log: createNullLogger(),
    signal: new AbortController().signal,
    emit: () => {},
  }
}

/** A module that reports what it reads. */
function reader(id: string): RunnableModule {
  const unused = () => Promise.reject(new Error('not asked for'))
  return {
    metadata: { id, type: 'cpu', version: '1.0.0', summary: 'Reads.' } as RunnableModule['metadata'],
    supports: { apply: false, rollback: 'journal' },
    isolation: 'in-process',
    trusted: true,
    optionsSchema: unused,
    check: async ({ host }) => [
      { id: 'read', status: 'ok', summary: (await host.readText('/proc/cmdline')).value ?? '' },
    ],
    apply: unused,
    rollback: unused,
  }
}
