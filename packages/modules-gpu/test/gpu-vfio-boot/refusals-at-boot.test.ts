import {
  emptyDirectory,
  type KernelModel,
  standardAddresses,
  standardMachine,
  type TreeInput,
} from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { udevFiles } from '../../src/gpu-vfio-boot/udev-files.js'
import { gpuSriov, gpuVfioBoot } from '../../src/index.js'
import { bootMachine } from '../fixture/boot-machines.js'
import { runOn } from '../fixture/run-module.js'
import { networkFunctions, networkMachine } from '../fixture/runtime-machines.js'

const { nic, nicAudio, nvme, conventionalNic, physicalFunction, virtualFunctions } = standardAddresses
const BOOT_DISPLAY = '0000:00:08.0'
const MODPROBE = '/etc/modprobe.d/lab.conf'

describe('the other members of the group', () => {
  const sibling = { reason: 'sibling-on-host-driver', device: nic, option: `includeSiblings: ["${nicAudio}"]` }

  it('do not stay on VFIO by themselves: the next boot gives one to the driver of the host that was bound for now only', async () => {
    const model = onVfio([nic, nicAudio])
    const refusal = { ...sibling, summary: expect.stringMatching(/0000:01:00\.1.*vfio-pci.*snd_hda_intel/) }
    expect(await refusalsOf(model, { devices: [nic] })).toMatchObject([refusal])
    expect(await runOn(gpuVfioBoot, model).check({ devices: [nic] })).toContainEqual(
      expect.objectContaining({ id: 'refused-0000-01-00-0-sibling-on-host-driver-1', status: 'critical' }),
    )
    expect(await refusalsOf(model, { devices: [nic], includeSiblings: [nicAudio] })).toEqual([])
  })

  it.each([
    'options vfio-pci ids=8086:10d3,8086:293E\n',
    'options vfio_pci disable_vga=1 ids=8086:293e:ffffffff:ffffffff\n',
  ])('stay on VFIO where the configuration names them: %s', async (text) => {
    expect(await refusalsOf(onVfio([nic, nicAudio], { [MODPROBE]: text }), { devices: [nic] })).toEqual([])
  })

  it.each(['options vfio-pci ids=8086:10d3\n', 'options pci-stub ids=8086:293e\n'])(
    'do not stay there where it names another device or another driver: %s',
    async (text) => {
      const model = onVfio([nic, nicAudio], { [MODPROBE]: text })
      expect(await refusalsOf(model, { devices: [nic] })).toMatchObject([sibling])
    },
  )

  it('are not free because they are without a driver now, when a module of the host is made for them', async () => {
    const unbound = (files?: TreeInput) => {
      const model = onVfio([], files)
      expect(model.write('/sys/bus/pci/drivers/snd_hda_intel/unbind', nicAudio)).toBe('ok')
      return model
    }
    const refusal = { ...sibling, summary: expect.stringMatching(/0000:01:00\.1.*without a driver.*snd_hda_intel/) }
    expect(await refusalsOf(unbound(), { devices: [nic] })).toMatchObject([refusal])
    const forbidden = { [MODPROBE]: 'blacklist snd_hda_intel\n' }
    expect(await refusalsOf(unbound(forbidden), { devices: [nic] })).toMatchObject([refusal])
    const model = unbound(forbidden)
    expect(model.write('/sys/bus/pci/drivers/snd_hda_intel/unbind', standardAddresses.displayAudio)).toBe('ok')
    expect(model.unloadModule('snd_hda_intel')).toBe('ok')
    expect(await refusalsOf(model, { devices: [nic] })).toEqual([])
  })

  it('are free when no module of the host is made for them', async () => {
    expect(await refusalsOf(onVfio([]), { devices: [conventionalNic] })).toEqual([])
  })
})

describe('what the host uses a device for that is on VFIO now', () => {
  it('asks for the same consent as before it was bound, where it still shows: the boot display', async () => {
    const model = onVfio([BOOT_DISPLAY])
    const options = { devices: [BOOT_DISPLAY] }
    expect(await refusalsOf(model, options)).toMatchObject([
      { reason: 'in-use-boot-display', option: 'allowUse: ["boot-display"]' },
    ])
    expect(await refusalsOf(model, { ...options, allowUse: ['boot-display'] })).toEqual([])
  })

  it('is said not to be known, where a driver of the host would have to show it', async () => {
    const model = onVfio([nvme])
    const run = runOn(gpuVfioBoot, model)
    expect(await run.check({ devices: [nvme] })).toContainEqual(
      expect.objectContaining({ id: 'uses-0000-02-00-0', status: 'skipped', summary: expect.stringMatching(/disk/) }),
    )
    await run.apply({ devices: [nvme] })
    expect(run.log.entries).toMatchObject([{ level: 'warn', message: expect.stringMatching(/vfio-pci.*disk/) }])
    expect(ids(await runOn(gpuVfioBoot, onVfio([])).check({ devices: [nvme] }))).not.toContain('uses-0000-02-00-0')
  })

  it('shows as long as what the driver of the host made of the device is there: a profile plans over a binding that is still to come', async () => {
    const model = onVfio([nvme])
    model.put({ [`/sys/bus/pci/devices/${nvme}/nvme`]: emptyDirectory() })
    const run = runOn(gpuVfioBoot, model)
    expect(ids(await run.check({ devices: [nvme] }))).not.toContain('uses-0000-02-00-0')
    await run.apply({ devices: [nvme] })
    expect(run.log.entries).toEqual([])
  })

  it('is not asked again where a boot bound the device', async () => {
    const location = 'pci0000:00/0000:00:02.1/0000:02:00.0'
    const bound = { address: nvme, location, identity: '1b36:0010:1af4:1100:010802' }
    const [rules] = udevFiles([{ ...bound, driver: 'vfio-pci', module: 'vfio_pci' }], undefined)
    const model = onVfio([nvme], { [rules?.path ?? '']: rules?.text ?? '' })
    expect(ids(await runOn(gpuVfioBoot, model).check({ devices: [nvme] }))).not.toContain('uses-0000-02-00-0')
  })
})

describe('the VFIO driver', () => {
  it('is refused when the configuration forbids it, although it is loaded now', async () => {
    const model = onVfio([nvme], { [MODPROBE]: 'blacklist vfio_pci\n' })
    expect(await refusalsOf(model, { devices: [nvme] })).toMatchObject([{ reason: 'driver-blacklisted' }])
  })
})

describe('virtual functions', () => {
  it('stay without a driver beside one that is asked for, where the rule of gpu-sriov keeps drivers away at boot', async () => {
    const [first, second] = networkFunctions.virtual
    const { files, ...spec } = networkMachine({ group: '41' })
    const model = bootMachine('initramfs-tools', { spec, ...(files && { files }) })
    const physical = { devices: [networkFunctions.physical], functions: 2, persistent: true }
    const changes = await runOn(gpuSriov, model).apply(physical)
    for (const change of changes) if (change.kind === 'write-attribute') model.write(change.path, change.value)
    const asked = () => refusalsOf(model, { devices: [first] })
    const refusal = {
      reason: 'sibling-on-host-driver',
      summary: expect.stringMatching(/the next boot gives that to igbvf/),
      option: `includeSiblings: ["${second}"]`,
    }
    expect(await asked()).toMatchObject([refusal])
    const rule = changes.find(({ kind }) => kind === 'write-file')
    if (rule?.kind !== 'write-file' || !('text' in rule.content)) throw new Error('gpu-sriov writes no rule')
    model.put({ [rule.path]: rule.content.text })
    expect(await asked()).toEqual([])
    model.put({ [rule.path]: rule.content.text.replace('ATTR{sriov_drivers_autoprobe}="0"\n', '') })
    expect(await asked()).toMatchObject([refusal])
  })

  it('stand in the way of their physical one without an option that this module does not have', async () => {
    const model = onVfio([])
    model.write(`/sys/bus/pci/devices/${physicalFunction}/sriov_numvfs`, '1')
    const [refusal] = await refusalsOf(model, { devices: [physicalFunction] })
    expect(refusal).toMatchObject({ reason: 'virtual-functions' })
    expect(refusal).not.toHaveProperty('option')
    expect(refusal).not.toHaveProperty('insist')
  })

  it('are refused beside their physical one, which the boot binds before there are any', async () => {
    const model = onVfio([physicalFunction])
    expect(model.write(`/sys/bus/pci/devices/${physicalFunction}/sriov_numvfs`, '1')).toBe('ok')
    expect(await refusalsOf(model, { devices: [physicalFunction, virtualFunctions[0]] })).toMatchObject([
      { reason: 'physical-function-in-plan', device: virtualFunctions[0] },
    ])
    expect(await refusalsOf(model, { devices: [physicalFunction] })).toEqual([])
  })
})

/** The machine with vfio-pci loaded, a second display that the firmware started on, and these devices on VFIO now. */
function onVfio(devices: readonly string[], files: TreeInput = {}): KernelModel {
  const display = { address: BOOT_DISPLAY, vendor: '1002', device: '67df', class: '030000', group: '30' }
  const spec = standardMachine({ vfio: 'loaded', devices: [{ ...display, bootDisplay: true }] })
  // vfio-pci can make virtual functions too, where `enable_sriov` allows it (drivers/vfio/pci/vfio_pci.c).
  const modules = spec.modules?.map((module) =>
    module.name === 'vfio_pci'
      ? { ...module, drivers: [{ name: 'vfio-pci', kind: 'vfio', sriov: true } as const] }
      : module,
  )
  const model = bootMachine('initramfs-tools', { spec: { ...spec, ...(modules && { modules }) }, files })
  for (const address of devices) toVfio(model, address)
  return model
}

function toVfio(model: KernelModel, address: string): void {
  const path = `/sys/bus/pci/devices/${address}`
  expect(model.write(`${path}/driver_override`, 'vfio-pci')).toBe('ok')
  model.write(`${path}/driver/unbind`, address)
  expect(model.write('/sys/bus/pci/drivers/vfio-pci/bind', address)).toBe('ok')
}

async function refusalsOf(model: KernelModel, options: object): Promise<readonly object[]> {
  try {
    await runOn(gpuVfioBoot, model).apply(options)
    return []
  } catch (error) {
    const { data } = error as { data?: { refusals?: readonly object[] } }
    if (data?.refusals === undefined) throw error
    return data.refusals
  }
}

function ids(findings: readonly { readonly id: string }[]): readonly string[] {
  return findings.map(({ id }) => id)
}
