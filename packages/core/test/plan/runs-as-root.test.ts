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

  it.each([
    // Each names at the next boot what the kernel or root then runs, or the file that root then writes.
    '/etc/sysctl.d/90-x.conf',
    '/etc/sysctl.conf',
    '/run/sysctl.d/x.conf',
    '/etc/tmpfiles.d/x.conf',
    '/run/tmpfiles.d/x.conf',
    '/etc/sysusers.d/x.conf',
    '/etc/modules',
    '/etc/modules-load.d/x.conf',
    '/run/modules-load.d/x.conf',
    '/run/modprobe.d/x.conf',
    '/etc/binfmt.d/x.conf',
    '/run/binfmt.d/x.conf',
    '/etc/crypttab',
    '/etc/fstab',
    '/etc/mkinitcpio.conf',
    '/etc/mkinitcpio.conf.d/x.conf',
    '/etc/mkinitcpio.d/linux.preset',
    '/etc/initcpio/hooks/x',
    '/etc/cmdline.d/x.conf',
    '/etc/pacman.d/hooks/x.hook',
    '/etc/kernelstub/configuration',
    '/boot/loader/entries/x.conf',
    '/efi/loader/entries/x.conf',
  ])('marks what the next boot reads: %s', (path) => {
    expect(runsAsRoot(file(path))).toBe(true)
  })

  it('marks a program that runs with the rights of its owner, wherever it lies', () => {
    expect(runsAsRoot(file('/srv/tool', 0o4755))).toBe(true)
  })

  it('does not mark an ordinary file', () => {
    expect(runsAsRoot(file('/srv/settings.json'))).toBe(false)
  })
})
