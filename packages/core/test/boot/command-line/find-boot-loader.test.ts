import { createMemoryHost } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { findBootLoader } from '../../../src/boot/command-line/find-boot-loader.js'
import { type Layout, layouts, loaderInformation } from '../fixtures/layouts.js'

describe('the boot loader of a host', () => {
  it.each([
    ['debian', 'grub'],
    ['arch', 'grub'],
    ['archSystemdBoot', 'systemd-boot'],
    ['fedora', 'grubby'],
    ['proxmox', 'proxmox-systemd-boot'],
    ['proxmoxBios', 'proxmox-grub'],
    ['popOs', 'kernelstub'],
  ] as const)('of %s is %s, with what shows it', async (name, kind) => {
    const loader = await findBootLoader(createMemoryHost(layouts[name]))
    expect(loader.kind).toBe(kind)
    expect(loader.evidence.length).toBeGreaterThan(0)
    expect(loader.evidence.every(({ path }) => path.startsWith('/'))).toBe(true)
  })

  it('is the one that left its name when two are installed', async () => {
    const both = { ...layouts.debian, ...layouts.archSystemdBoot }
    const of = async (name: string) =>
      (await findBootLoader(createMemoryHost({ ...both, ...loaderInformation(name) }))).kind
    expect(await of('systemd-boot 254')).toBe('systemd-boot')
    expect(await of('GRUB 2.12')).toBe('grub')
  })

  it('is not guessed when two contend: both are named', async () => {
    const find = (files: Layout) => findBootLoader(createMemoryHost(files))
    await expect(find({ ...layouts.debian, ...layouts.archSystemdBoot })).rejects.toMatchObject({
      code: 'JANUS_HOST_UNFIT',
      message: expect.stringMatching(/GRUB \(\/etc\/default\/grub.*systemd-boot \(\/boot\/loader/),
    })
    await expect(find({ ...layouts.debian, '/boot/refind_linux.conf': '' })).rejects.toMatchObject({
      message: expect.stringMatching(/GRUB .*rEFInd/),
    })
    await expect(find({ ...layouts.proxmoxBios, '/sys/firmware/efi/x': '' })).rejects.toMatchObject({
      message: expect.stringMatching(/\/etc\/default\/grub.*\/etc\/kernel\/cmdline/),
    })
  })

  it.each([
    [{ ...layouts.fedora, '/run/ostree-booted': '' }, /rpm-ostree kargs/],
    [{ '/etc/NIXOS': '' }, /boot\.kernelParams/],
    [{ '/boot/firmware/cmdline.txt': 'a' }, /cmdline\.txt/],
  ])('that Janus does not edit is told, with the way', async (files, remedy) => {
    await expect(findBootLoader(createMemoryHost(files))).rejects.toMatchObject({
      code: 'JANUS_HOST_UNFIT',
      remedy: expect.stringMatching(remedy),
    })
  })

  it('that left a name Janus does not know is told by it', async () => {
    await expect(
      findBootLoader(createMemoryHost({ ...layouts.debian, ...loaderInformation('rEFInd 0.14') })),
    ).rejects.toThrow('was started by "rEFInd 0.14"')
  })

  it('is not there on a host that shows none: what was looked for is named', async () => {
    await expect(findBootLoader(createMemoryHost({ '/etc/os-release': '' }))).rejects.toMatchObject({
      code: 'JANUS_HOST_UNFIT',
      message: expect.stringContaining('/etc/default/grub'),
    })
  })
})
