import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { JsonDocument } from '../src/json-document.js'
import { DATA_SCHEMAS, DOCUMENT_SCHEMA } from '../src/json-schema.js'

// The packages as `npm ci` or `npm test` built them.
const LAUNCHER = fileURLToPath(new URL('../bin/janus.js', import.meta.url))
const ABSENT = 'ffff:ff:1f.7'

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'janus-cli-home-'))
})
afterEach(async () => await rm(home, { recursive: true, force: true }))

describe('on this machine, with an empty HOME', () => {
  test('check gives findings of the modules that the command depends on, and writes nothing', async () => {
    const { exitCode, document } = await janus('check', '--no-interactive')
    expect([0, 1]).toContain(exitCode)
    const report = DATA_SCHEMAS.check.parse(document.data)
    expect(report.modules.map(({ module }) => module)).toEqual(
      expect.arrayContaining(['gpu-vfio', 'gpu-iommu', 'cpu-virtualization', 'cpu-hugepages', 'host-tools']),
    )
    expect(await readdir(home)).toEqual([])
  })

  test('bind refuses a device that is not there, for no other reason, and writes nothing', async () => {
    const { exitCode, document } = await janus('bind', '--device', ABSENT, '--dry-run', '--yes')
    expect(exitCode).toBe(1)
    expect(document.diagnostics.map(({ code }) => code)).toEqual(['JANUS_DEVICE_NOT_FOUND'])
    expect(await readdir(home)).toEqual([])
  })

  test('check of a module that does not exist ends with 3', async () => {
    expect((await janus('check', 'no-such-module')).exitCode).toBe(3)
  })

  test('the modules are ready, and say what they take', async () => {
    const { modules } = DATA_SCHEMAS['module list'].parse((await janus('module', 'list')).document.data)
    expect(modules.filter(({ status }) => status === 'failed' || status === 'blocked')).toEqual([])
    const { optionsSchema } = DATA_SCHEMAS['module show'].parse(
      (await janus('module', 'show', 'gpu-vfio')).document.data,
    )
    expect(optionsSchema).toMatchObject({ properties: { devices: { type: 'array' } } })
  })

  test('a snapshot answers the same commands, on any machine', async () => {
    const file = join(home, 'machine.json')
    expect((await janus('snapshot', '--out', file)).exitCode).toBe(0)
    const live = DATA_SCHEMAS.bind.parse((await janus('bind', '--list')).document.data)
    const captured = DATA_SCHEMAS.bind.parse((await janus('bind', '--list', '--host', file)).document.data)
    expect(addressesOf(captured)).toEqual(addressesOf(live))
    expect([0, 1]).toContain((await janus('check', '--host', file)).exitCode)
  })
})

describe('init, from the plan to its rollback', () => {
  test('is previewed without a trace, applied once, shown by status, and undone', async () => {
    expect((await janus('init', '--dry-run')).exitCode).toBe(0)
    expect(await readdir(home)).toEqual([])

    expect((await janus('init')).document.diagnostics[0]?.code).toBe('JANUS_CONFIRMATION_REQUIRED')
    expect(await readdir(home)).toEqual([])

    const applied = await janus('init', '--yes')
    expect(applied.exitCode).toBe(0)
    expect(await readdir(join(home, '.config'))).toEqual(['janus'])
    expect(await readdir(join(home, 'state/logs'))).toEqual(['janus.log'])
    expect((await stat(join(home, 'state'))).mode & 0o777).toBe(0o750)

    const again = DATA_SCHEMAS.init.parse((await janus('init', '--yes')).document.data)
    expect(again.report?.outcome).toBe('unchanged')

    const status = await janus('status')
    expect(status.exitCode).toBe(0)
    expect(DATA_SCHEMAS.status.parse(status.document.data).drift.every(({ state }) => state === 'holds')).toBe(true)
    expect(DATA_SCHEMAS.history.parse((await janus('history')).document.data).transactions).toHaveLength(1)

    const undone = await janus('rollback', '--last', '--yes')
    expect(undone.exitCode).toBe(0)
    expect(DATA_SCHEMAS.rollback.parse(undone.document.data).reports[0]?.outcome).toBe('undone')
    expect((await readdir(home)).filter((name) => name !== 'state')).toEqual([])
  })

  test('its log is JSON lines without colour, each with a time', async () => {
    await janus('init', '--yes')
    const [file = ''] = await readdir(join(home, 'state/logs'))
    const log = await readFile(join(home, 'state/logs', file), 'utf8')
    const lines = log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { time: string; message: string })
    expect(lines[0]?.message).toBe('command started')
    expect(lines.every(({ time }) => !Number.isNaN(Date.parse(time)))).toBe(true)
    expect(log).not.toContain('\u001b')
  })
})

/** Runs the built command as its user would, with `--json`, and holds the document against the promised shape. */
async function janus(...args: readonly string[]): Promise<{ exitCode: number; document: JsonDocument }> {
  const env = { PATH: process.env.PATH ?? '', HOME: home, JANUS_STATE_DIR: join(home, 'state') }
  await mkdir(home, { recursive: true })
  const ended = await promisify(execFile)(process.execPath, [LAUNCHER, ...args, '--json'], {
    env,
    cwd: home,
    maxBuffer: 2 ** 28,
  }).then(
    ({ stdout }) => ({ exitCode: 0, stdout }),
    (error: { code: number; stdout: string }) => ({ exitCode: error.code, stdout: error.stdout }),
  )
  const document = DOCUMENT_SCHEMA.parse(JSON.parse(ended.stdout))
  expect(document.ok).toBe(ended.exitCode === 0)
  return { exitCode: ended.exitCode, document: document as JsonDocument }
}

function addressesOf(answer: object): readonly unknown[] {
  return 'devices' in answer && Array.isArray(answer.devices)
    ? answer.devices.map(({ address }) => address as unknown)
    : []
}
