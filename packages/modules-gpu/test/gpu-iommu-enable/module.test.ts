import type { TreeInput } from '@janus/core/testing'
import { createMemoryHost, lifeCycleSuite } from '@janus/core/testing'
import { describe, expect, it, test } from 'vitest'
import { gpuIommuEnable, gpuIommuEnableOptions } from '../../src/index.js'
import { grubFiles, machineWith, systemdBootFiles } from '../fixture/boot-files.js'
import { contextOn } from '../fixture/machine.js'

const host = (files: TreeInput, kind: 'live' | 'snapshot' = 'live') =>
  createMemoryHost(files, { kind, description: 'the test machine' })
const { '/sys/firmware/acpi/tables/DMAR': _, ...withoutTables } = grubFiles

const plan = (files: TreeInput, options: object = {}) =>
  gpuIommuEnable.apply(contextOn(host(files), gpuIommuEnableOptions.parse(options)))
const check = async (files: TreeInput, options?: object) =>
  gpuIommuEnable.check(contextOn(host(files), options === undefined ? undefined : gpuIommuEnableOptions.parse(options)))

describe('the changes of gpu-iommu-enable', () => {
  it('put intel_iommu=on behind what is there, and make GRUB follow', async () => {
    expect(await plan(grubFiles)).toMatchObject([
      {
        kind: 'write-file',
        path: '/etc/default/grub',
        content: { text: expect.stringContaining('GRUB_CMDLINE_LINUX_DEFAULT="quiet intel_iommu=on"\n') },
        scope: 'persistent',
        afterBoot: [
          { kind: 'parameter', path: '/proc/cmdline', name: 'intel_iommu', value: 'on' },
          { kind: 'parameter', path: '/proc/cmdline', name: 'iommu', value: null, among: ['off'] },
          { kind: 'parameter', path: '/proc/cmdline', name: 'amd_iommu', value: null, among: ['off'] },
        ],
      },
      {
        kind: 'run-command',
        command: '/usr/sbin/update-grub',
        outputs: ['/boot/grub/grub.cfg', '/boot/grub/grub.cfg.new'],
      },
    ])
  })

  it('add iommu=pt when they are asked to', async () => {
    const [write] = await plan(grubFiles, { passthrough: true })
    expect(write).toMatchObject({ content: { text: expect.stringContaining('"quiet intel_iommu=on iommu=pt"') } })
  })

  it('are none on AMD, whose IOMMU is on by itself, unless something turns it off', async () => {
    const amd = { ...withoutTables, '/sys/firmware/acpi/tables/IVRS': '' }
    expect(await plan(amd)).toEqual([])
    const off = { ...amd, '/etc/default/grub': 'GRUB_CMDLINE_LINUX_DEFAULT="amd_iommu=off iommu=off quiet"\n' }
    expect(await plan(off)).toMatchObject([{ content: { text: 'GRUB_CMDLINE_LINUX_DEFAULT="quiet"\n' } }, {}])
    const [write] = await plan(amd, { passthrough: true })
    expect(write).toMatchObject({ content: { text: expect.stringContaining('"quiet iommu=pt"') } })
  })

  it('await a boot without the words that keep an IOMMU off, though what is set is there already', async () => {
    const gone = (name: string) => ({ kind: 'parameter', path: '/proc/cmdline', name, value: null, among: ['off'] })
    const settings = { '/etc/default/grub': 'GRUB_CMDLINE_LINUX_DEFAULT="intel_iommu=on iommu=off"\n' }
    const [write, regenerated] = await plan({
      ...grubFiles,
      ...settings,
      '/proc/cmdline': 'intel_iommu=on iommu=off\n',
    })
    expect(write?.afterBoot).toEqual(expect.arrayContaining([gone('iommu'), gone('amd_iommu')]))
    expect(regenerated?.verify).toContainEqual({ ...gone('iommu'), path: '/boot/grub/grub.cfg', lines: 'linux' })
  })

  it('go by the processor where the tables of the firmware are not shown', async () => {
    const of = (vendor: string) => plan({ ...withoutTables, '/proc/cpuinfo': `vendor_id\t: ${vendor}\n` })
    expect(await of('GenuineIntel')).toHaveLength(2)
    expect(await of('AuthenticAMD')).toEqual([])
    await expect(of('Elbrus')).rejects.toMatchObject({ code: 'JANUS_HOST_UNFIT' })
    await expect(plan(withoutTables)).rejects.toMatchObject({ code: 'JANUS_HOST_UNREADABLE' })
  })

  it('are refused where the firmware describes no IOMMU: nothing on the command line helps', async () => {
    await expect(plan({ ...withoutTables, '/sys/firmware/acpi/tables/APIC': '' })).rejects.toMatchObject({
      code: 'JANUS_HOST_UNFIT',
      message: expect.stringContaining('/sys/firmware/acpi/tables/DMAR'),
      remedy: expect.stringMatching(/VT-d.*AMD-Vi/),
    })
  })

  it.each([
    ['intel_iommu=on,igfx_off', undefined],
    ['intel_iommu=igfx_off,on', undefined],
    ['intel_iommu=igfx_off', 'intel_iommu=on,igfx_off'],
    ['intel_iommu=sm_on,off,igfx_off', 'intel_iommu=sm_on,on,igfx_off'],
    ['intel_iommu=off intel_iommu=igfx_off', 'intel_iommu=off intel_iommu=on,igfx_off'],
    ['intel_iommu=on intel_iommu=igfx_off', undefined],
    ['intel_iommu', 'intel_iommu=on'],
    ['iommu=off,soft intel_iommu=on', 'iommu=soft intel_iommu=on'],
  ])('edit the members of a list and keep the others: %s', async (before, after) => {
    const files = { ...grubFiles, '/etc/default/grub': `GRUB_CMDLINE_LINUX_DEFAULT="${before}"\n` }
    const changes = await plan(files)
    if (after === undefined) return expect(changes).toEqual([])
    expect(changes).toMatchObject([{ content: { text: `GRUB_CMDLINE_LINUX_DEFAULT="${after}"\n` } }, {}])
    const again = { ...files, '/etc/default/grub': `GRUB_CMDLINE_LINUX_DEFAULT="${after}"\n` }
    expect(await plan(again)).toEqual([])
  })

  it('keep the members of every word when one of each is left', async () => {
    const files = {
      ...grubFiles,
      '/etc/default/grub': 'GRUB_CMDLINE_LINUX_DEFAULT="intel_iommu=igfx_off intel_iommu=off,sm_on iommu=soft,nopt"\n',
    }
    expect((await plan(files, { removeDuplicates: true, passthrough: true }))[0]).toMatchObject({
      content: { text: 'GRUB_CMDLINE_LINUX_DEFAULT="intel_iommu=igfx_off,on,sm_on iommu=soft,pt"\n' },
    })
  })

  it('make the last of contradicting words the right one, or the only one', async () => {
    const files = { ...grubFiles, '/etc/default/grub': 'GRUB_CMDLINE_LINUX_DEFAULT="intel_iommu=on intel_iommu=off"\n' }
    const text = async (options: object) => (await plan(files, options))[0]
    expect(await text({})).toMatchObject({
      content: { text: 'GRUB_CMDLINE_LINUX_DEFAULT="intel_iommu=on intel_iommu=on"\n' },
    })
    expect(await text({ removeDuplicates: true })).toMatchObject({
      content: { text: 'GRUB_CMDLINE_LINUX_DEFAULT="intel_iommu=on"\n' },
    })
  })
})

describe('the check of gpu-iommu-enable', () => {
  it('says what is configured beside what is running', async () => {
    expect(await check(grubFiles)).toMatchObject([
      {
        id: 'iommu-next-boot',
        status: 'ok',
        summary: 'GRUB is set to no parameter about the IOMMU, as the running kernel was',
      },
    ])
    const configured = { ...grubFiles, '/etc/default/grub': 'GRUB_CMDLINE_LINUX_DEFAULT="intel_iommu=on"\n' }
    expect(await check(configured, {})).toMatchObject([
      { summary: 'GRUB is set to intel_iommu=on; pending a boot, the running kernel has no parameter about the IOMMU' },
      { id: 'iommu-requested', status: 'ok' },
    ])
  })

  it('warns of what is set for the next boot and should not be', async () => {
    const line = 'intel_iommu=on intel_iommu=off iommu=off pcie_acs_override=downstream intremap=off'
    const findings = await check({ ...grubFiles, '/etc/default/grub': `GRUB_CMDLINE_LINUX_DEFAULT="${line}"\n` })
    const warnings = findings.filter(({ status }) => status === 'warn').map(({ id }) => id)
    expect(warnings).toEqual([
      'iommu-next-boot-duplicates',
      'iommu-next-boot-off',
      'iommu-next-boot-acs-override',
      'iommu-next-boot-interrupts',
    ])
  })

  it.each([
    ['iommu=off iommu=pt', 'iommu-next-boot-off', 'iommu=off turns the IOMMU off at the next boot'],
    [
      'intel_iommu=off intel_iommu=igfx_off',
      'iommu-next-boot-off',
      'intel_iommu=off turns the IOMMU off at the next boot',
    ],
    ['iommu=off iommu=force', 'iommu-next-boot-duplicates', 'off counts: iommu=off iommu=force'],
    [
      'intremap=off,nosid',
      'iommu-next-boot-interrupts',
      'intremap=off: without remapped interrupts VFIO refuses to give a device to a guest',
    ],
  ])('counts members as the kernel does: %s', async (line, id, summary) => {
    const findings = await check({ ...grubFiles, '/etc/default/grub': `GRUB_CMDLINE_LINUX_DEFAULT="${line}"\n` })
    expect(findings.find((finding) => finding.id === id)).toMatchObject({ status: 'warn', summary })
  })

  it('says that a boot is pending where the running kernel has one more word of a name', async () => {
    const configured = { ...grubFiles, '/etc/default/grub': 'GRUB_CMDLINE_LINUX_DEFAULT="iommu=pt"\n' }
    const [finding] = await check({ ...configured, '/proc/cmdline': 'quiet iommu=off iommu=pt\n' })
    expect(finding).toMatchObject({
      summary: 'GRUB is set to iommu=pt; pending a boot, the running kernel has iommu=off and iommu=pt',
    })
  })

  it('warns of entries that differ', async () => {
    const files = { ...systemdBootFiles, '/boot/loader/entries/b.conf': 'linux /b\noptions intel_iommu=on\n' }
    expect(await check(files)).toMatchObject([{ status: 'warn', summary: expect.stringContaining('entries differ') }])
  })

  it('is skipped with the reason where the boot loader is not one that Janus edits', async () => {
    expect(await check({ '/etc/NIXOS': '' })).toMatchObject([
      { status: 'skipped', summary: expect.stringContaining('NixOS') },
    ])
  })

  it('says critically what cannot be, and that what can be is not yet', async () => {
    expect((await check({ ...withoutTables, '/sys/firmware/acpi/tables/APIC': '' }, {})).at(-1)).toMatchObject({
      status: 'critical',
    })
    expect((await check(grubFiles, {})).at(-1)).toMatchObject({ status: 'warn' })
  })
})

lifeCycleSuite({
  test,
  module: gpuIommuEnable,
  fixtures: [
    {
      title: 'GRUB',
      kernel: () => machineWith(grubFiles),
      options: { passthrough: true },
      proves: ['iommu-next-boot', 'iommu-requested'],
    },
    { title: 'systemd-boot', kernel: () => machineWith(systemdBootFiles), options: {}, proves: ['iommu-requested'] },
  ],
})
