import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { JsonDocument } from '../src/json-document.js'
import { DATA_SCHEMAS, DOCUMENT_SCHEMA } from '../src/json-schema.js'

// The packages as `npm ci` or `npm test` built them; extensions come from folders, so that no registry is asked.
const LAUNCHER = fileURLToPath(new URL('../bin/janus.js', import.meta.url))
const MODULE = `export default {
  $$janus: 'module/v1',
  metadata: { id: 'fan-curve', type: 'host', version: '1.2.3', compatApi: 1, summary: 'Fans.' },
  options: { safeParse: (data) => ({ success: true, data }) },
  supports: { apply: true, rollback: 'planned' },
  async check() { return [{ id: 'fans', status: 'ok', summary: 'all turn' }] },
  async apply() { return [change('/etc/cron.d/fans')] },
  async rollback() { return [change('/etc/fans.left')] },
}
const change = (path) => ({ kind: 'write-file', path, content: { text: 'x' }, mode: 0o644, why: 'w', scope: 'persistent' })
`
const COMMAND = `export async function run(context, args) {
  const janus = await context.open()
  const rows = await janus.modules()
  return { data: { args, modules: rows.length }, text: 'fans \\u001b[31m' + args.join(' ') + '\\n', exitCode: args.length }
}
`

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'janus-cli-extensions-'))
  await mkdir(join(home, 'fans'))
  const janus = {
    api: 1,
    modules: [{ id: 'fan-curve', type: 'host', entry: './fan-curve.js' }],
    commands: [
      { name: 'fans', summary: 'Shows the fans.', entry: './command.js' },
      { name: 'check', summary: 'Not this one.', entry: './command.js' },
    ],
  }
  const packageJson = { name: 'janus-module-fans', version: '1.2.3', type: 'module', janus }
  await writeFile(join(home, 'fans/package.json'), JSON.stringify(packageJson))
  await writeFile(join(home, 'fans/fan-curve.js'), MODULE)
  await writeFile(join(home, 'fans/command.js'), COMMAND)
})
afterEach(async () => await rm(home, { recursive: true, force: true }))

describe('a package of somebody else', () => {
  test('is looked at without a trace, added, kept from the machine, trusted, and removed', async () => {
    expect((await janus('module', 'add', './fans', '--dry-run')).exitCode).toBe(0)
    expect((await janus('module', 'add', './fans')).codes).toEqual(['JANUS_CONFIRMATION_REQUIRED'])
    expect(await readdir(home)).toEqual(['fans'])

    const added = await janus('module', 'add', './fans', '--yes')
    expect(DATA_SCHEMAS['module add'].parse(added.document.data).extension).toMatchObject({ trusted: false })
    expect(await rowOf('fan-curve')).toMatchObject({ status: 'enabled', isolation: 'sandbox', trusted: false })

    const trusted = await janus('module', 'trust', 'fan-curve', '--yes')
    expect(DATA_SCHEMAS['module trust'].parse(trusted.document.data)).toMatchObject({ trusted: true })
    expect(await rowOf('fan-curve')).toMatchObject({ status: 'enabled', isolation: 'in-process', trusted: true })
    expect((await janus('plan', 'fan-curve')).exitCode).toBe(0)
    const leftOvers = DATA_SCHEMAS.plan.parse((await janus('plan', 'fan-curve', '--left-overs')).document.data)
    expect(leftOvers.plan.changes).toMatchObject([{ path: '/etc/fans.left' }])

    const place = join(home, '.local/share/janus/extensions/node_modules/janus-module-fans/fan-curve.js')
    await writeFile(place, `${MODULE}\n`)
    expect(await rowOf('fan-curve')).toMatchObject({ status: 'blocked', trusted: false })
    expect((await janus('plan', 'fan-curve')).codes).toEqual(['JANUS_MODULE_INTEGRITY'])

    expect((await janus('module', 'remove', 'fan-curve', '--yes')).exitCode).toBe(0)
    expect(await rowOf('fan-curve')).toBeUndefined()
    expect((await janus('module', 'remove', 'fan-curve', '--yes')).codes).toEqual(['JANUS_PACKAGE_NOT_FOUND'])
  })

  test('adds commands to the help, which run once it is trusted and take the place of none', async () => {
    await janus('module', 'add', './fans', '--yes')
    const help = DATA_SCHEMAS.help.parse((await janus('--help')).document.data).text
    expect(help).toContain('\n\nCommands of packages:\n  agent          Review and decide')
    expect(help).toContain('\n  fans           Shows the fans. (janus-module-fans)\n\n')
    expect((await janus('fans', 'a')).codes).toEqual(['JANUS_MODULE_UNTRUSTED'])
    await janus('module', 'trust', 'janus-module-fans', '--yes')
    const ran = await janus('fans', '--fast')
    expect(ran).toMatchObject({ exitCode: 1, document: { command: 'fans', data: { args: ['--fast'] } } })
    const { stdout } = await run(['fans'])
    expect(stdout).toBe('fans \\x1b[31m\n')
    expect((await janus('check', 'host-tools')).document.command).toBe('check')
    expect((await janus('fasn')).codes).toEqual(['JANUS_USAGE'])
  })
})

describe('the command that the package for authors adds', () => {
  test('is in the help of all and in that of `module`, and makes a module', async () => {
    for (const words of [['--help'], ['module', '--help'], ['help', 'module']]) {
      const { text } = DATA_SCHEMAS.help.parse((await janus(...words)).document.data)
      expect(text).toMatch(/^ {2}module create +Write a new module.* \(@janus\/create-module\)$/m)
    }
    const made = await janus('module', 'create', 'pump', '--kind', 'bash', '--type', 'host')
    expect(made).toMatchObject({ exitCode: 0, document: { command: 'module create', data: { id: 'pump' } } })
    expect(await readdir(join(home, 'pump/modules/host'))).toEqual(['pump.sh'])
    expect((await run(['module', 'create', 'valve'])).stdout).toContain('cd valve\n  npm install\n')
    expect((await run(['module', 'create', '--help'])).stdout).toMatch(/^janus module create <folder> \[options\]\n/)
    expect(await janus('module', 'create', 'pump')).toMatchObject({ exitCode: 1, codes: ['JANUS_USAGE'] })
    expect(await janus('module', 'create')).toMatchObject({ exitCode: 1, codes: ['JANUS_USAGE'] })
  })
})

describe('a module that is named for one run', () => {
  test('is listed, and its rights are those of a stranger', async () => {
    expect(await rowOf('fan-curve', '--module', './fans')).toMatchObject({ status: 'enabled', isolation: 'sandbox' })
    expect(await rowOf('fan-curve')).toBeUndefined()
    expect((await janus('plan', 'fan-curve', '--module', './gone')).exitCode).toBe(3)
    expect((await janus('check', '--module', './gone')).codes).toEqual(['JANUS_FILE_INVALID'])
  })

  test('is found by every command that takes one, under its alias too', async () => {
    const [alias, check] = [await janus('module', 'check', 'host-tools'), await janus('check', 'host-tools')]
    expect(alias.document.data).toEqual(check.document.data)
    const meta = DATA_SCHEMAS['module meta'].parse((await janus('module', 'meta', 'gpu-vfio')).document.data)
    expect(meta).toMatchObject({ id: 'gpu-vfio', type: 'gpu', compat_api: 1 })
    expect((await run(['module', 'meta', 'gpu-vfio'])).stdout).toMatch(
      /^id=gpu-vfio\ntype=gpu\nversion=\S+\ncompat_api=1\npath=\/\S+\n$/,
    )
  })

  test('is tested by its path, with the exit code of the verdict', async () => {
    const ended = await janus('module', 'test', './fans')
    const { reports } = DATA_SCHEMAS['module test'].parse(ended.document.data)
    expect(ended.exitCode).toBe(1)
    expect(reports).toMatchObject([{ module: { id: 'fan-curve' } }])
    expect(reports[0]?.passed).toBeLessThan(reports[0]?.total ?? 0)
    const good = await janus('module', 'test', 'host-tools')
    expect(DATA_SCHEMAS['module test'].parse(good.document.data).reports).toHaveLength(1)
    expect((await janus('module', 'test', 'no-such-module')).codes).toEqual(['JANUS_MODULE_NOT_FOUND'])
  })
})

describe('doctor', () => {
  test('tells what a report needs, and nothing that is secret', async () => {
    const { exitCode, document } = await janus('doctor')
    expect(exitCode).toBe(0)
    const report = DATA_SCHEMAS.doctor.parse(document.data)
    expect(report.node.version).toBe(process.versions.node)
    expect(report.cores).toHaveLength(1)
    expect(report.modules.map(({ id }) => id)).toContain('gpu-vfio')
    expect(JSON.stringify(document)).not.toContain('hush-hush')
  })
})

async function rowOf(id: string, ...args: readonly string[]) {
  const { document } = await janus('module', 'list', ...args)
  return DATA_SCHEMAS['module list'].parse(document.data).modules.find((row) => row.id === id)
}

async function run(args: readonly string[]): Promise<{ exitCode: number; stdout: string }> {
  const env = { PATH: process.env.PATH ?? '', HOME: home, SECRET_TOKEN: 'hush-hush', npm_config_offline: 'true' }
  return promisify(execFile)(process.execPath, [LAUNCHER, ...args], { env, cwd: home, maxBuffer: 2 ** 28 }).then(
    ({ stdout }) => ({ exitCode: 0, stdout }),
    (error: { code: number; stdout: string }) => ({ exitCode: error.code, stdout: error.stdout }),
  )
}

async function janus(
  ...args: readonly string[]
): Promise<{ exitCode: number; document: JsonDocument; codes: readonly string[] }> {
  const { exitCode, stdout } = await run([...args, '--json'])
  const document = DOCUMENT_SCHEMA.parse(JSON.parse(stdout))
  expect(document.ok).toBe(exitCode === 0)
  return { exitCode, document: document as JsonDocument, codes: document.diagnostics.map(({ code }) => code) }
}
