import { file, type KernelModel, standardAddresses } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { surveyHost } from '../../src/gpu-vfio/survey.js'
import { bootBindingOf } from '../../src/gpu-vfio-boot/boot-binding.js'
import { udevFiles } from '../../src/gpu-vfio-boot/udev-files.js'
import { gpuVfioBoot } from '../../src/index.js'
import { bootMachine } from '../fixture/boot-machines.js'
import { runOn } from '../fixture/run-module.js'

const { nvme, sata, physicalFunction, virtualFunctions } = standardAddresses
const RULES = '/etc/udev/rules.d/05-janus-vfio.rules'
const REPORT = '/run/janus-vfio-boot'
const EARLIER_BOOT = '0f3a1c52-0b8e-4d5e-9d26-8a3f1f0b7c11'

describe('the check of a binding by udev', () => {
  it('waits for the next boot while the boot runs in which the rules were written', async () => {
    const model = await machineWith({ boot: 'this' })
    expect(await bindingOf(model)).toMatchObject({ status: 'ok', summary: expect.stringMatching(/by the next boot/) })
  })

  it('does so also when udev was asked to look at its devices again before that boot', async () => {
    const model = await machineWith({ boot: 'this', report: 'taken: a driver of the host had it before udev met it' })
    expect(await bindingOf(model)).toMatchObject({ status: 'ok', summary: expect.stringMatching(/by the next boot/) })
  })

  it('is critical after a boot in which a driver of the host was there first, and names the other method', async () => {
    const report = 'taken: a driver of the host had it before udev met it'
    const model = await machineWith({ boot: 'earlier', report })
    expect(await bindingOf(model)).toMatchObject({
      status: 'critical',
      summary: expect.stringMatching(/was to bind 0000:02:00\.0 to vfio-pci, and it is on nvme: taken/),
      evidence: expect.arrayContaining([{ path: REPORT, value: report }]),
      remedy: expect.stringContaining('method: "initramfs"'),
    })
  })

  it('does not name the other method for a virtual function, which no script of an initramfs meets', async () => {
    const [address] = virtualFunctions
    const report = 'taken: a driver of the host had it before udev met it'
    const model = await machineWith({ boot: 'earlier', report, address })
    expect(await bindingOf(model, 'boot-0000-06-00-1')).toMatchObject({
      status: 'critical',
      summary: expect.stringMatching(/it is on nvme: taken/),
      remedy: expect.not.stringContaining('initramfs"'),
    })
  })

  it('only warns where no rule ran: a rollback puts rules back that an earlier boot wrote and the next one meets', async () => {
    expect(await bindingOf(await machineWith({ boot: 'earlier' }))).toMatchObject({
      status: 'warn',
      summary: '0000:02:00.0 is on nvme: the next boot binds it to vfio-pci, or no udev takes the rule',
      remedy: expect.stringContaining('udevadm control --ping'),
    })
  })

  it('only warns after a boot that was told to leave the devices to the host', async () => {
    const model = await machineWith({ boot: 'earlier', report: 'off: janus.vfio=off is on the kernel command line' })
    expect(await bindingOf(model)).toMatchObject({ status: 'warn', summary: expect.stringMatching(/janus\.vfio=off/) })
  })

  it('goes by what the rules report where they do not say in which boot they were written', async () => {
    expect(await bindingOf(await machineWith({}))).toMatchObject({ status: 'ok' })
    const model = await machineWith({ report: 'unbound: vfio-pci did not take it; left to the driver of the host' })
    expect(await bindingOf(model)).toMatchObject({
      status: 'critical',
      remedy: expect.stringContaining('janus check gpu-iommu'),
    })
  })

  it('says that udev bound the device', async () => {
    const model = await machineWith({ boot: 'earlier', report: 'bound to vfio-pci' })
    model.loadModule('vfio_pci')
    const path = `/sys/bus/pci/devices/${nvme}`
    model.write(`${path}/driver_override`, 'vfio-pci')
    model.write(`${path}/driver/unbind`, nvme)
    expect(model.write('/sys/bus/pci/drivers/vfio-pci/bind', nvme)).toBe('ok')
    expect(await bindingOf(model)).toMatchObject({
      status: 'ok',
      summary: '0000:02:00.0 was bound to vfio-pci by udev',
    })
  })
})

describe('the check of a device that a boot bound', () => {
  it.each([
    { boot: 'this', status: 'ok', summary: /will be bound to vfio-pci by the next boot/ },
    { boot: 'earlier', status: 'warn', summary: /was bound to vfio-pci by udev, and is on nvme now/ },
  ] as const)(
    'knows that it was taken away since, and not the boot that failed: $boot',
    async ({ boot, ...finding }) => {
      const { status, summary } = finding
      const model = await machineWith({ boot, report: 'bound to vfio-pci' })
      expect(await bindingOf(model)).toMatchObject({ status, summary: expect.stringMatching(summary) })
    },
  )
})

describe('the rules in a plan', () => {
  it('stay as they are after a boot, and are written anew with the boot when they have to change', async () => {
    const model = await machineWith({ boot: 'earlier' })
    const run = runOn(gpuVfioBoot, model)
    expect(await run.apply({ devices: [nvme], method: 'udev' })).toEqual([])
    expect(await run.check({ devices: [nvme], method: 'udev' })).toContainEqual(
      expect.objectContaining({ id: 'boot-0000-02-00-0', status: 'warn' }),
    )
    const [change] = await run.apply({ devices: [nvme, '0000:05:01.0'], method: 'udev' })
    expect(change).toMatchObject({
      kind: 'write-file',
      path: RULES,
      expect: [{ kind: 'equals', path: '/proc/sys/kernel/random/boot_id', value: await bootOf(model) }],
    })
    expect(JSON.stringify(change)).toContain(`Written in boot ${await bootOf(model)}`)
    expect(JSON.stringify(change)).not.toContain(EARLIER_BOOT)
  })

  it('do not take from the host what cannot be the id of a boot', async () => {
    const model = bootMachine(undefined)
    model.put({ '/proc/sys/kernel/random/boot_id': 'x\nRUN+="/bin/false"\n' })
    const [change] = await runOn(gpuVfioBoot, model).apply({ devices: [nvme] })
    expect(JSON.stringify(change)).not.toMatch(/Written in boot|bin\/false/)
  })
})

/** A machine with the rules for the drive, or for a virtual function, and what they reported in this boot. */
async function machineWith({
  boot,
  report,
  address = nvme,
}: {
  boot?: 'this' | 'earlier'
  report?: string
  address?: string
}): Promise<KernelModel> {
  const model = bootMachine(undefined)
  model.write(`/sys/bus/pci/devices/${physicalFunction}/sriov_numvfs`, '2')
  const id = boot === 'this' ? await bootOf(model) : boot === 'earlier' ? EARLIER_BOOT : undefined
  const { devices } = await surveyHost(model.host, model.query)
  const found = devices.find((device) => device.address === address)
  if (found === undefined) throw new Error(`the machine has no ${address}`)
  const binding = bootBindingOf(found, (await model.host.readLink(found.path)).value, {
    driver: 'vfio-pci',
    module: 'vfio_pci',
    variant: false,
  })
  const [rules] = udevFiles([binding], id)
  model.put({ [RULES]: file(rules?.text ?? '', { mode: 0o644 }) })
  if (report !== undefined) model.put({ [REPORT]: `${sata} bound to vfio-pci\n${address} ${report}\n` })
  return model
}

async function bootOf(model: KernelModel): Promise<string> {
  return ((await model.host.readText('/proc/sys/kernel/random/boot_id')).value ?? '').trim()
}

async function bindingOf(model: KernelModel, finding = 'boot-0000-02-00-0') {
  return (await runOn(gpuVfioBoot, model).check()).find(({ id }) => id === finding)
}
