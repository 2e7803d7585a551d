import { describe, expect, it } from 'vitest'
import type { UndoChange } from '../../src/contract/change.js'
import { runsAsRoot } from '../../src/plan/runs-as-root.js'

const file = (path: string, mode = 0o644): UndoChange => ({
  kind: 'write-file',
  path,
  mode,
  content: { text: '' },
  why: 'a test says so',
  scope: 'persistent',
})

describe('runsAsRoot', () => {
  it.each([
    '/etc/cron.d/x',
    '/etc/sudoers.d/x',
    '/etc/passwd',
    '/etc/ssh/sshd_config',
    '/proc/1/root/etc/cron.d/x',
    '/proc/self/cwd/x',
    '/proc/sys/fs/binfmt_misc/register',
  ])('marks %s', (path) => {
    expect(runsAsRoot(file(path))).toBe(true)
  })

  it('marks a program that runs with the rights of its owner, wherever it lies', () => {
    expect(runsAsRoot(file('/srv/tool', 0o4755))).toBe(true)
  })

  it('does not mark an ordinary file', () => {
    expect(runsAsRoot(file('/srv/settings.json'))).toBe(false)
  })
})
