import { describe, expect, it } from 'vitest'
import { gpuIommu } from '../../src/index.js'
import { CLASSES, contextOn, createMachine, type TestMachine } from '../fixture/machine.js'

const PORT = { address: '0000:00:01.0', class: CLASSES.bridge, driver: 'pcieport', group: '1' }
const FIRST = { address: '0000:01:00.0', class: CLASSES.display, driver: 'nouveau', group: '1' }
const AUDIO = { address: '0000:01:00.1', class: CLASSES.audio, driver: 'snd_hda_intel', group: '1' }
const SECOND = { address: '0000:02:00.0', class: CLASSES.display, driver: 'amdgpu', group: '2' }
const SATA = { address: '0000:03:00.0', class: CLASSES.sata, driver: 'ahci', group: '2' }

describe('the check of gpu-iommu', () => {
  it('is critical without an IOMMU, with the evidence', async () => {
    const finding = (await check({ devices: [bare(FIRST)], commandLine: 'intel_iommu=on iommu=pt' })).get(
      'iommu-in-effect',
    )
    expect(finding?.status).toBe('critical')
    expect(finding?.evidence).toEqual(
      expect.arrayContaining([
        { path: '/sys/class/iommu', value: '(empty)' },
        { path: '/sys/kernel/iommu_groups', value: '(empty)' },
        { path: '/proc/cmdline', value: 'intel_iommu=on iommu=pt' },
      ]),
    )
  })

  it.each([
    [
      'the parameter that is missing, when the firmware describes an Intel IOMMU',
      { '/sys/firmware/acpi/tables/DMAR': '' },
      '',
      'add intel_iommu=on',
    ],
    [
      'the parameter that turned it off, the last one winning',
      { '/sys/firmware/acpi/tables/DMAR': '' },
      'intel_iommu=on intel_iommu=off',
      'Take intel_iommu=off out',
    ],
    [
      'the firmware setup, when it describes none',
      { '/sys/firmware/acpi/tables/FACP': '' },
      'intel_iommu=on',
      'enable VT-d or AMD-Vi',
    ],
    ['the kernel log, when AMD describes one that is not taken', { '/sys/firmware/acpi/tables/IVRS': '' }, '', 'dmesg'],
  ])('names %s', async (_, extra, commandLine, remedy) => {
    const finding = (await check({ devices: [bare(FIRST)], extra, commandLine })).get('iommu-in-effect')
    expect(finding?.remedy).toContain(remedy)
  })

  it('sends the reader of a virtual machine to its host', async () => {
    const extra = { '/proc/cpuinfo': 'vendor_id\t: GenuineIntel\nflags\t\t: fpu hypervisor\n' }
    expect((await check({ devices: [bare(FIRST)], extra })).get('iommu-in-effect')?.remedy).toContain(
      'itself a virtual machine',
    )
  })

  it('is fine with one, and does not believe the command line for it', async () => {
    const findings = await check({ devices: [FIRST, SECOND] })
    expect(findings.get('iommu-in-effect')).toMatchObject({ status: 'ok' })
    expect(findings.get('outside-the-iommu')).toMatchObject({ status: 'ok' })
  })

  it('warns of a parameter that contradicts itself', async () => {
    const finding = (await check({ devices: [FIRST], commandLine: 'intel_iommu=off quiet intel_iommu=on,sm_on' })).get(
      'iommu-parameters',
    )
    expect(finding).toMatchObject({
      status: 'warn',
      summary: expect.stringContaining('intel_iommu=off intel_iommu=on'),
    })
  })

  it.each([
    ['iommu=off iommu=pt', 'iommu=off'],
    ['iommu=soft,off iommu=pt', 'iommu=soft,off'],
    ['amd_iommu=off amd_iommu=fullflush', 'amd_iommu=off'],
    ['intel_iommu=off intel_iommu=igfx_off', 'intel_iommu=off'],
    ['intel_iommu=sm_on,off intel_iommu=strict', 'intel_iommu=sm_on,off'],
    ['intel-iommu=off', 'intel-iommu=off'],
  ])('names the word that turned the IOMMU off, whatever follows it: %s', async (commandLine, word) => {
    const findings = await check({ devices: [bare(FIRST)], commandLine })
    expect(findings.get('iommu-parameters')).toMatchObject({
      status: 'warn',
      summary: `${word} turns the IOMMU off`,
      remedy: `Take ${word} out of the kernel command line.`,
    })
    expect(findings.get('iommu-in-effect')?.remedy).toBe(`Take ${word} out of the kernel command line and boot again.`)
  })

  it.each([
    ['intel_iommu=off intel_iommu=on', 'the last one counts: intel_iommu=off intel_iommu=on'],
    ['iommu=off iommu=force', 'off counts: iommu=off iommu=force'],
    ['amd_iommu=off,on', 'off counts: amd_iommu=off amd_iommu=on'],
  ])('says which of contradicting values counts to the kernel: %s', async (commandLine, words) => {
    const finding = (await check({ devices: [FIRST], commandLine })).get('iommu-parameters')
    expect(finding).toMatchObject({ status: 'warn', summary: `the kernel command line contradicts itself, ${words}` })
  })

  it.each(['intel_iommu=off intel_iommu=on,sm_on', 'intel_iommu=igfx_off,sp_off', 'iommu=pt', 'iommu.passthrough=off'])(
    'does not take for off what leaves the IOMMU on: %s',
    async (commandLine) => {
      const findings = await check({ devices: [bare(FIRST)], commandLine })
      expect(findings.get('iommu-in-effect')?.remedy).not.toContain('out of the kernel command line')
    },
  )

  it('warns that pcie_acs_override only pretends isolation', async () => {
    const findings = await check({ devices: [FIRST], commandLine: 'pcie_acs_override=downstream,multifunction' })
    expect(findings.get('acs-override')).toMatchObject({ status: 'warn' })
    expect((await check({ devices: [FIRST] })).has('acs-override')).toBe(false)
  })

  it('does not count the bridge nor the own functions of a display against its isolation', async () => {
    const finding = (await check({ devices: [PORT, FIRST, AUDIO, SECOND] })).get('isolation-0000-01-00-0')
    expect(finding).toMatchObject({ status: 'ok', summary: expect.stringContaining('0000:01:00.1') })
    expect(finding?.summary).not.toContain(PORT.address)
  })

  it('warns of a display that shares its group with a disk controller', async () => {
    const finding = (await check({ devices: [FIRST, SECOND, SATA] })).get('isolation-0000-02-00-0')
    expect(finding).toMatchObject({ status: 'warn', summary: expect.stringContaining(SATA.address) })
  })

  it('warns of several displays in one group', async () => {
    const findings = await check({ devices: [FIRST, { ...SECOND, group: '1' }] })
    expect(findings.get('isolation-0000-01-00-0')).toMatchObject({
      status: 'warn',
      summary: expect.stringContaining(SECOND.address),
    })
    expect(findings.get('isolation-0000-02-00-0')).toMatchObject({
      status: 'warn',
      summary: expect.stringContaining(FIRST.address),
    })
  })

  it('warns of devices outside of the IOMMU while others are in', async () => {
    const findings = await check({ devices: [FIRST, bare(SECOND)] })
    expect(findings.get('outside-the-iommu')).toMatchObject({
      status: 'warn',
      detail: expect.stringContaining(SECOND.address),
    })
    expect(findings.get('isolation-0000-02-00-0')).toMatchObject({ status: 'warn' })
  })

  it.each([
    ['none', [], 'warn', 'no display controller'],
    ['one', [FIRST], 'warn', 'one display controller'],
    ['two', [FIRST, SECOND], 'ok', '2 display controllers'],
  ])('says what %s display controllers mean', async (_, devices, status, words) => {
    expect(
      (await check({ devices: [...devices, { address: '0000:05:00.0', group: '5' }] })).get('display-controllers'),
    ).toMatchObject({ status, summary: expect.stringContaining(words) })
  })

  it.each([
    ['ok', ' 24:   0   IR-PCI-MSI-0000:00:1f.2   0-edge   ahci\n', {}, 'interrupts are remapped'],
    ['ok', ' 1:   9   IR-IO-APIC    1-edge      i8042\n', {}, 'interrupts are remapped'],
    ['warn', ' 24:   0   PCI-MSI 512000-edge   ahci\n', {}, 'refuse'],
    [
      'warn',
      ' 24:   0   PCI-MSI 512000-edge   ahci\n',
      { '/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts': 'Y\n' },
      'any interrupt',
    ],
    ['skipped', ' 24:   0   GICv3 27 Level arch_timer\n', {}, 'does not show'],
  ])(
    'judges interrupt remapping %s by the names of the controllers in %j',
    async (status, interrupts, extra, words) => {
      const findings = await check({ devices: [FIRST], extra: { '/proc/interrupts': interrupts, ...extra } })
      expect(findings.get('interrupt-remapping')).toMatchObject({ status, summary: expect.stringContaining(words) })
    },
  )
})

function bare<Device extends { readonly group?: string }>({ group: _, ...device }: Device): Omit<Device, 'group'> {
  return device
}

async function check(machine: TestMachine) {
  return new Map(
    (await gpuIommu.check(contextOn(createMachine(machine), undefined))).map((finding) => [finding.id, finding]),
  )
}
