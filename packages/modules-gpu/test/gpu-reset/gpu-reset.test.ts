import { createKernelModel, standardAddresses, standardMachine } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { gpuReset } from '../../src/index.js'
import { runOn } from '../fixture/run-module.js'
import { machineWithSleepyCard, machineWithVendorReset, SLEEPY } from '../fixture/runtime-machines.js'

const { nic, nvme, display } = standardAddresses

describe('gpu-reset', () => {
  it('writes the methods in the order asked for, and the previous list back', async () => {
    const changes = await runOn(gpuReset, createKernelModel(standardMachine())).apply({
      devices: [nvme],
      methods: ['bus', 'flr'],
    })
    expect(changes).toMatchObject([{ from: 'flr bus', value: 'bus flr' }])
    expect(changes[0]?.undo).toBeUndefined()
  })

  it('refuses a method that the kernel does not offer', async () => {
    const run = runOn(gpuReset, createKernelModel(standardMachine()))
    await expect(run.apply({ devices: [nvme], methods: ['pm'] })).rejects.toMatchObject({
      code: 'JANUS_DEVICE_REFUSED',
      message: expect.stringContaining('reset_method: "flr bus"'),
    })
  })

  it('refuses the method bus where others share the bus, as the kernel does', async () => {
    const machine = createKernelModel(standardMachine())
    const path = `/sys/bus/pci/devices/${nic}/reset_method`
    expect(machine.read(path)).toEqual({ value: 'pm bus\n' })
    expect(machine.write(path, 'bus pm')).toBe('EINVAL')
    await expect(runOn(gpuReset, machine).apply({ devices: [nic], methods: ['bus', 'pm'] })).rejects.toMatchObject({
      message: expect.stringContaining('0000:01:00.1 is on the same bus'),
    })
  })

  it('says beforehand that the kernel will not take back a list which only the boot could make', async () => {
    const changes = await runOn(gpuReset, createKernelModel(standardMachine())).apply({
      devices: [nic],
      methods: ['pm'],
    })
    expect(changes).toMatchObject([
      { from: 'pm bus', value: 'pm', irreversible: [{ id: 'bus-reset-method' }], undo: { none: expect.any(String) } },
    ])
  })

  it('keeps a device awake before it forbids D3cold, and leaves alone what is so already', async () => {
    const run = runOn(gpuReset, machineWithSleepyCard())
    expect(await run.apply({ devices: [SLEEPY], keepAwake: true })).toMatchObject([
      { path: `/sys/bus/pci/devices/${SLEEPY}/power/control`, from: 'auto', value: 'on' },
      { path: `/sys/bus/pci/devices/${SLEEPY}/d3cold_allowed`, from: '1', value: '0' },
    ])
    expect(await run.apply({ devices: [nvme], keepAwake: true })).toHaveLength(1)
  })

  it('warns of AMD chips that do not come back, until vendor-reset is the first choice', async () => {
    const findings = await runOn(gpuReset, machineWithSleepyCard()).check()
    expect(findings.find(({ id }) => id === 'display-0000-82-00-0')).toMatchObject({
      status: 'warn',
      summary: expect.stringContaining('AMD Polaris 10'),
      detail: expect.stringContaining('its power may be cut (D3cold)'),
      remedy: expect.stringContaining('vendor-reset'),
    })
  })

  it('takes the method of vendor-reset, which no list shows before it is written', async () => {
    const machine = machineWithVendorReset()
    const path = `/sys/bus/pci/devices/${SLEEPY}/reset_method`
    const options = { devices: [SLEEPY], methods: ['device_specific'] }
    const refused = runOn(gpuReset, machineWithSleepyCard()).apply(options)
    await expect(refused).rejects.toMatchObject({ message: expect.stringContaining('does not offer') })
    const run = runOn(gpuReset, machine)
    const before = (await run.check()).find(({ id }) => id === 'display-0000-82-00-0')
    expect(before).toMatchObject({ status: 'warn', remedy: expect.stringContaining('methods=device_specific') })
    expect(await run.apply(options)).toMatchObject([{ path, from: 'pm bus', value: 'device_specific' }])
    expect(machine.write(path, 'device_specific')).toBe('ok')
    const after = (await run.check()).find(({ id }) => id === 'display-0000-82-00-0')
    expect(after).toMatchObject({ status: 'ok', summary: expect.stringContaining('is reset by device_specific') })
    expect(await run.apply(options)).toEqual([])
  })

  it('takes every method away again where bus was all there was, on a bus that others share', async () => {
    const run = runOn(gpuReset, machineWithVendorReset({ resetMethods: 'bus', audio: true }))
    expect(await run.apply({ devices: [SLEEPY], methods: ['device_specific'] })).toMatchObject([
      { from: 'bus', irreversible: [{ id: 'bus-reset-method' }], undo: [{ value: '\n', verify: [{ value: '' }] }] },
    ])
  })

  it('says that a bind to VFIO lets a device sleep again, and warns once one has', async () => {
    const machine = createKernelModel(standardMachine({ vfio: 'loaded' }))
    const path = `/sys/bus/pci/devices/${nvme}`
    const options = { devices: [nvme], keepAwake: true }
    const target = async () => (await runOn(gpuReset, machine).check(options)).find(({ id }) => id.startsWith('target'))
    expect(await target()).toMatchObject({ status: 'ok', detail: expect.stringContaining('after it is bound') })
    const run = runOn(gpuReset, machine)
    await run.apply(options)
    expect(run.log.entries).toMatchObject([{ level: 'warn', message: expect.stringContaining('after it is bound') }])
    machine.write(`${path}/driver_override`, 'vfio-pci')
    machine.write('/sys/bus/pci/drivers/nvme/unbind', nvme)
    machine.write('/sys/bus/pci/drivers/vfio-pci/bind', nvme)
    expect(machine.read(`${path}/power/control`)).toEqual({ value: 'auto\n' })
    expect(await target()).toMatchObject({ status: 'warn', summary: expect.stringContaining('let it sleep') })
    expect((await run.apply(options))[0]).toMatchObject({ path: `${path}/power/control`, value: 'on' })
    machine.write('/sys/bus/pci/drivers/vfio-pci/unbind', nvme)
    expect(machine.read(`${path}/power/control`)).toEqual({ value: 'on\n' })
  })

  it('warns of a display that cannot be reset on its own', async () => {
    const findings = await runOn(gpuReset, createKernelModel(standardMachine())).check()
    expect(findings).toMatchObject([
      {
        id: `display-${display.replaceAll(/[:.]/g, '-')}`,
        status: 'warn',
        summary: expect.stringContaining('on its own'),
      },
    ])
  })

  it('wants methods, or to be kept awake', () => {
    expect(gpuReset.options.safeParse({ devices: [nvme] }).success).toBe(false)
  })
})
