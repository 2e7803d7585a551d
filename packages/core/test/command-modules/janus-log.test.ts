import { describe, expect, it } from 'vitest'
import { createLocalExecutor } from '../../src/executor/index.js'
import { LIBRARY } from './module-tree.js'

const LEVELS = ['DEBUG', 'INFO', 'OK', 'WARN', 'ERROR', 'CRITICAL']

describe('the logging library of modules in bash', () => {
  it('writes one line for each call, by level or by a function of that name', async () => {
    const calls = LEVELS.map((level) => `janus_log ${level} a "b  c"; janus_log_${level.toLowerCase()} a "b  c"`)
    expect(await bash(calls.join('\n'), { JANUS_LOG_ENABLE_COLOR: '0' })).toBe(
      LEVELS.map((level) => `[${level}] a b  c\n`.repeat(2)).join(''),
    )
  })

  it('colours the level unless told otherwise', async () => {
    const colours = { DEBUG: '0;36', INFO: '0;34', OK: '0;32', WARN: '1;33', ERROR: '0;31', CRITICAL: '0;31' }
    const expected = Object.entries(colours).map(([level, code]) => `\u001b[${code}m[${level}]\u001b[0m x\n`)
    expect(await bash(LEVELS.map((level) => `janus_log ${level} x`).join('\n'))).toBe(expected.join(''))
    expect(await bash('janus_log OTHER x')).toBe('[OTHER] x\n')
    expect(await bash('JANUS_LOG_ENABLE_COLOR=0\njanus_log INFO x')).toBe('[INFO] x\n')
  })

  it('is safe under strict options, twice, without arguments, and whatever IFS a module has set', async () => {
    const script = `set -euo pipefail; source "$1"; IFS=,; janus_log; janus_log WARN a b; janus_log ERROR '%s\\n' "-n"`
    expect(await bash(script, { JANUS_LOG_ENABLE_COLOR: '0' })).toBe('[INFO] \n[WARN] a b\n[ERROR] %s\\n -n\n')
  })

  it('sets no shell option and defines nothing but its own names', async () => {
    const before = `before="$-$(shopt -p)$SHELLOPTS"; names="$(compgen -A function; compgen -v)"`
    const after = `[ "$before" = "$-$(shopt -p)$SHELLOPTS" ] && comm -13 <(sort <<<"$names") <({ compgen -A function; compgen -v; } | sort)`
    const { stdout } = await createLocalExecutor().run(
      'bash',
      ['-c', `names=; before=; ${before}; source "$1"; ${after}`, 'test', LIBRARY],
      { env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } },
    )
    const names = stdout.split('\n').filter((name) => name !== '' && !/^(BASH_|_$|PIPESTATUS)/.test(name))
    expect(names.filter((name) => !/^(janus_log|JANUS_LOG_)/.test(name))).toEqual([])
    expect(names).toContain('janus_log')
  })
})

async function bash(script: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const result = await createLocalExecutor().run('bash', ['-c', `source "$1"; ${script}`, 'test', LIBRARY], {
    env: { PATH: '/usr/bin:/bin', ...env },
  })
  expect(result, result.stderr).toMatchObject({ exitCode: 0, stderr: '' })
  return result.stdout
}
