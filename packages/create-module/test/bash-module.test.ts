import { spawnSync } from 'node:child_process'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createModule } from '@janus/create-module'
import { beforeEach, describe, expect, test } from 'vitest'
import { temporaryFolder } from './temporary-folder.js'

const SETTING = 'proc/sys/vm/swappiness'

describe('the generated module in bash', () => {
  let folder = ''
  let root = ''

  beforeEach(async () => {
    const parent = await temporaryFolder()
    folder = join(parent, 'a name with spaces')
    root = join(parent, 'machine')
    await createModule({ folder, kind: 'bash', id: 'example', type: 'host' })
    await mkdir(dirname(join(root, SETTING)), { recursive: true })
    await writeFile(join(root, SETTING), '60\n')
  })

  test('says what it is', () => {
    const { status, stdout } = run('meta')
    expect(status).toBe(0)
    expect(stdout).toBe('id=example\ntype=host\nversion=0.1.0\ncompat_api=1\n')
  })

  test('check reports and changes nothing', async () => {
    expect(run('check')).toMatchObject({ status: 0, stdout: '[OK] [example] swappiness is 60\n' })
    expect(await value()).toBe('60\n')
  })

  test('check fails as expected where there is nothing to read', () => {
    root = join(root, 'nowhere')
    expect(run('check')).toMatchObject({ status: 1, stderr: '' })
    expect(run('check').stdout).toMatch(/^\[ERROR\] \[example\] .* cannot be read\n$/)
  })

  test('apply, apply again and rollback lead back to where it began', async () => {
    expect(run('apply', { JANUS_OPT_VALUE: '10' }).status).toBe(0)
    expect(await value()).toBe('10\n')
    expect(run('apply', { JANUS_OPT_VALUE: '20' }).status).toBe(0)
    expect(run('apply', { JANUS_OPT_VALUE: '20' }).status).toBe(0)
    expect(await value()).toBe('20\n')
    expect(run('rollback').status).toBe(0)
    expect(await value()).toBe('60\n')
    expect(await readdir(join(root, 'run'))).toEqual([])
  })

  test('rollback without apply has nothing to do', async () => {
    expect(run('rollback').status).toBe(0)
    expect(await readdir(root)).toEqual(['proc'])
  })

  test.each(['201', '-1', '1e1', '', '10\n10', '$(id)'])('refuses the value %j', async (wanted) => {
    if (wanted === '') return expect(run('apply', { JANUS_OPT_VALUE: wanted }).status).toBe(0)
    expect(run('apply', { JANUS_OPT_VALUE: wanted }).status).toBe(1)
    expect(await value()).toBe('60\n')
  })

  test('an action that it does not know is an expected failure', () => {
    expect(run('destroy').status).toBe(1)
  })

  test('sourced, it leaves no shell option changed and only names of its own', () => {
    const script = `
      before="$(shopt -p; set +o)"; source "$1"
      [ "$before" = "$(shopt -p; set +o)" ] && declare -F | sed 's/declare -f //'`
    const { stdout, status } = spawnSync('bash', ['-c', script, 'bash', module()], { encoding: 'utf8' })
    expect(status).toBe(0)
    const strangers = stdout.split('\n').filter((name) => !/^(janus_module_|janus_log|example_|$)/.test(name))
    expect(strangers).toEqual([])
  })

  function module(): string {
    return join(folder, 'modules/host/example.sh')
  }

  function run(action: string, options: Readonly<Record<string, string>> = {}) {
    const env = { PATH: process.env.PATH, JANUS_LOG_ENABLE_COLOR: '0', JANUS_OPT_ROOT: root, ...options }
    return spawnSync('bash', [module(), action], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  }

  async function value(): Promise<string> {
    return await readFile(join(root, SETTING), 'utf8')
  }
})
