import { spawnSync } from 'node:child_process'
import { access, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { programSuite } from '@janus/core/testing'
import { createModule } from '@janus/create-module'
import { beforeEach, describe, expect, test } from 'vitest'
import { temporaryFolder } from './temporary-folder.js'

const snapshot = join(import.meta.dirname, '../snapshots/bash')

describe('the generated module in bash conforms to Module API v1', async () => {
  // A variable path: the snapshot is a project of its own.
  const { default: fixtures } = await import(join(snapshot, 'conformance-fixtures.mjs'))
  programSuite({ test, file: join(snapshot, 'modules/cpu/example-bash.sh'), directory: snapshot, fixtures })
})

describe('the generated module in bash', () => {
  let folder = ''
  let setting = ''

  beforeEach(async () => {
    const parent = await temporaryFolder()
    folder = join(parent, 'a name with spaces')
    setting = join(parent, 'swappiness.conf')
    await createModule({ folder, kind: 'bash', id: 'example', type: 'host' })
  })

  test('says what it is', () => {
    expect(run('meta')).toEqual({ status: 0, stdout: 'id=example\ntype=host\nversion=0.1.0\ncompat_api=1\n' })
  })

  test('apply, apply again and rollback lead back to where it began', async () => {
    expect(run('apply').status).toBe(0)
    expect(await readFile(setting, 'utf8')).toContain('\nvm.swappiness = 10\n')
    expect(run('apply', { JANUS_OPT_VALUE: '20' }).status).toBe(0)
    expect(await readFile(setting, 'utf8')).toContain('\nvm.swappiness = 20\n')
    expect(run('rollback').status).toBe(0)
    await expect(access(setting)).rejects.toThrow(/ENOENT/)
  })

  test('leaves a file of somebody else alone, at apply and at rollback', async () => {
    await writeFile(setting, 'theirs\n')
    expect(run('apply').status).toBe(1)
    expect(run('rollback').status).toBe(0)
    expect(await readFile(setting, 'utf8')).toBe('theirs\n')
  })

  test.each(['201', '-1', '1e1', '10\n10', '$(id)', '9999'])('refuses the value %j', async (value) => {
    expect(run('apply', { JANUS_OPT_VALUE: value }).status).toBe(1)
    await expect(access(setting)).rejects.toThrow(/ENOENT/)
  })

  test('a place that cannot be written is a failure that it tells', () => {
    setting = join(folder, 'nowhere/swappiness.conf')
    expect(run('apply')).toMatchObject({ status: 2, stdout: expect.stringContaining('cannot be written') })
  })

  function run(action: string, options: Readonly<Record<string, string>> = {}) {
    const env = { PATH: process.env.PATH, JANUS_LOG_ENABLE_COLOR: '0', JANUS_OPT_FILE: setting, ...options }
    const args = [join(folder, 'modules/host/example.sh'), action]
    const { status, stdout } = spawnSync('bash', args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    return { status, stdout }
  }
})
