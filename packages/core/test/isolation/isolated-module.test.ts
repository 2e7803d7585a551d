import { access, chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Host } from '../../src/contract/host.js'
import type { Isolation, ModuleRun, RunnableModule } from '../../src/contract/runnable-module.js'
import { ERROR_CODES } from '../../src/errors/codes.js'
import { createQuery } from '../../src/host/query.js'
import { createSnapshotHost } from '../../src/host/snapshot-host.js'
import { createModuleIsolation, type ModuleIsolationSettings } from '../../src/isolation/index.js'
import { createStderrLogger } from '../../src/logging/stderr-logger.js'
import type { DiscoveredModule } from '../../src/modules/discovered-module.js'
import { loadModule } from '../../src/modules/load-module.js'
import { createMemoryLogger } from '../../src/testing/memory-logger.js'

const bubblewrap = await access('/usr/bin/bwrap').then(
  () => true,
  () => false,
)
const LEVELS: readonly Isolation[] = bubblewrap ? ['sandbox', 'subprocess'] : ['subprocess']
const CORE = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
const CODE = `
  import { defineModule, janusError } from '@janus/core'
  import * as z from '@janus/core/zod'
  export default defineModule({
    metadata: { type: 'host', id: 'fan', version: '1.0.0', compatApi: 1, summary: 'Turns the fan' },
    options: z.strictObject({ speed: z.number(), mode: z.enum(['quiet', 'loud']).default('quiet') }),
    async check({ host, query, log, options }) {
      log.warn('\\u001b[31mlooking', { password: 'x', colour: '\\u001b[31m' })
      console.log('printed\\u001b[2J')
      const release = (await host.readText('/proc/sys/kernel/osrelease')).value?.trim()
      const user = await query('identity', {})
      return [{ id: 'seen', status: 'ok', summary: [host.kind, host.description, release, user.available && user.user, ...(options ? [options.speed, options.mode] : [])].join(' ') }]
    },
    async apply({ host, options }) {
      if (options.speed > 9) throw janusError('JANUS_DEVICE_REFUSED', 'too fast', { remedy: 'slower', data: { most: 9 } })
      const path = '/sys/class/fan/speed'
      const from = (await host.readText(path)).value?.trim()
      return [{ kind: 'write-attribute', path, from, value: String(options.speed), why: 'turn', scope: 'runtime' }]
    },
    async rollback() { return [] },
  })`
let root = ''

beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'janus-isolated-')))
  await chmod(root, 0o755)
  await mkdir(join(root, 'node_modules/@janus'), { recursive: true })
  await symlink(CORE, join(root, 'node_modules/@janus/core'))
  await writeFile(join(root, 'package.json'), JSON.stringify({ name: 'fan', version: '1.0.0', type: 'module' }))
  await writeFile(join(root, 'module.js'), CODE)
})
afterAll(() => rm(root, { recursive: true, force: true }))

describe.each(LEVELS)('a module in %s isolation', (isolation) => {
  test('says what it is and takes, without another child', async () => {
    const module = await load(isolation)
    expect(module).toMatchObject({ isolation, trusted: false, supports: { apply: true, rollback: 'planned' } })
    expect(module.metadata.summary).toBe('Turns the fan')
    expect(await module.optionsSchema()).toMatchObject({
      properties: { speed: { type: 'number' } },
      required: ['speed'],
    })
  })

  test('checks the host it is asked about, as a snapshot', async () => {
    const module = await load(isolation)
    const { run } = runOver()
    expect(await module.check(run)).toMatchObject([{ summary: 'snapshot the host 6.1.0 alice' }])
  })

  test('checks what it is asked for, with the options as its own schema understood them', async () => {
    const module = await load(isolation)
    expect(await module.check(runOver().run, { speed: 5 })).toMatchObject([
      { summary: 'snapshot the host 6.1.0 alice 5 quiet' },
    ])
    await expect(module.check(runOver().run, { speed: 'fast' })).rejects.toMatchObject({
      code: 'JANUS_OPTIONS_INVALID',
    })
  })

  test('plans with the options as its own schema understood them', async () => {
    const module = await load(isolation)
    const answer = await module.apply(runOver().run, { speed: 5 })
    expect(answer.options).toEqual({ speed: 5, mode: 'quiet' })
    expect(answer.changes).toMatchObject([{ path: '/sys/class/fan/speed', from: '3', value: '5' }])
    expect(await module.rollback(runOver().run, { speed: 5 })).toMatchObject({ changes: [] })
  })

  test('refuses options that do not fit, and what it will not do, in words that are told as its own', async () => {
    const module = await load(isolation)
    await expect(module.apply(runOver().run, { speed: 'fast' })).rejects.toMatchObject({
      code: 'JANUS_OPTIONS_INVALID',
      module: 'fan',
      message: expect.stringMatching(/^module fan 1\.0\.0 says: the options of fan are not valid/),
      data: { said: { issues: [{ path: 'speed' }] } },
    })
    await expect(module.apply(runOver().run, { speed: 10 })).rejects.toMatchObject({
      code: 'JANUS_DEVICE_REFUSED',
      message: 'module fan 1.0.0 says: too fast; it advises: slower',
      remedy: ERROR_CODES.JANUS_DEVICE_REFUSED.remedy,
      data: { said: { most: 9 }, package: 'fan', version: '1.0.0' },
    })
  })

  test('logs with its level, never as something of the logger, and nothing raw reaches a terminal', async () => {
    const module = await load(isolation)
    const { run, log } = runOver()
    await module.check(run)
    const lines = log.entries.map(({ level, message, fields }) => ({ level, message, fields }))
    expect(lines).toContainEqual({
      level: 'warn',
      message: '\u001b[31mlooking',
      fields: expect.objectContaining({ module: 'fan' }),
    })
    expect(lines).toContainEqual({
      level: 'debug',
      message: 'the module printed',
      fields: expect.objectContaining({ stream: 'stdout' }),
    })
    let written = ''
    const write = (line: string): void => {
      written += line
    }
    const terminal = createStderrLogger({ write, verbose: true, color: false })
    for (const { level, message, fields } of lines) terminal[level](message, fields)
    expect(written).toContain('looking')
    expect(written).not.toContain('\u001b')
    expect(written).not.toContain('"x"')
  })

  test('is given up when its caller gives up', async () => {
    const module = await load(isolation)
    const controller = new AbortController()
    controller.abort()
    await expect(module.check({ ...runOver().run, signal: controller.signal })).rejects.toMatchObject({
      code: 'JANUS_ABORTED',
    })
  })
})

describe('the snapshot that isolated modules are given', () => {
  test('is taken once for all modules of a run, and again for the next run', async () => {
    let reads = 0
    const { run } = runOver()
    const host: Host = {
      ...run.host,
      kind: 'live',
      readText: async (path) => {
        reads += 1
        return run.host.readText(path)
      },
    }
    const module = await load('subprocess')
    await module.check({ ...run, host })
    const once = reads
    expect(once).toBeGreaterThan(0)
    const next = { ...run, host }
    await Promise.all([module.check(next), module.check(next)])
    expect(reads).toBe(2 * once)
  })
})

describe('a module that needs the sandbox where there is none', () => {
  test('is refused with the remedy, and its code does not run', async () => {
    const settings = { sandbox: { program: '/nonexistent/bwrap' } }
    await expect(load('sandbox', settings)).rejects.toMatchObject({
      code: 'JANUS_SANDBOX_UNAVAILABLE',
      remedy: expect.stringContaining('apt-get install bubblewrap'),
    })
  })
})

async function load(isolation: Isolation, settings: ModuleIsolationSettings = {}): Promise<RunnableModule> {
  const found: DiscoveredModule = {
    id: 'fan',
    type: 'host',
    version: '1.0.0',
    source: 'fan',
    code: { directory: root, entry: './module.js', kind: 'javascript' },
    diagnostics: [],
    isolation,
  }
  return loadModule(found, undefined, createModuleIsolation({ limits: { deadline: 60_000 }, ...settings }))
}

function runOver() {
  const identity = { available: true, uid: 1000, user: 'alice', groups: [] }
  const host = createSnapshotHost(
    {
      schema: 'janus.snapshot/1',
      capturedAt: '2026-01-01T00:00:00.000Z',
      janusVersion: '0.1.0',
      masked: false,
      entries: { '/proc/sys/kernel/osrelease': { text: '6.1.0\n' }, '/sys/class/fan/speed': { text: '3\n' } },
      queries: { 'identity {}': identity },
    },
    'the host',
  )
  const log = createMemoryLogger()
  const run: ModuleRun = { host, query: createQuery(host, { env: {} }), log, signal: new AbortController().signal }
  return { run, log }
}
