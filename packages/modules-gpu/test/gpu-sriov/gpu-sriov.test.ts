import { type Change, DEVICE_USE_KINDS } from '@janus/core'
import {
  createKernelModel,
  emptyDirectory,
  type KernelModel,
  link,
  standardAddresses,
  standardMachine,
} from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { gpuSriov } from '../../src/index.js'
import { runOn } from '../fixture/run-module.js'
import { machineWithFunctions, machineWithNetworkFunctions, networkFunctions } from '../fixture/runtime-machines.js'

const { physicalFunction, virtualFunctions, nvme } = standardAddresses
const PATH = `/sys/bus/pci/devices/${physicalFunction}`

describe('a driver of the host that is loaded once the functions are there', () => {
  const { physical, virtual } = networkFunctions
  const onDrivers = (machine: KernelModel) => virtual.map((address) => machine.devices()[address]?.driver)

  it('takes none of them', async () => {
    const machine = machineWithNetworkFunctions()
    const changes = await runOn(gpuSriov, machine).apply({ devices: [physical], functions: 2 })
    for (const { path, value } of changes as readonly { path: string; value: string }[]) machine.write(path, value)
    expect(onDrivers(machine)).toEqual([null, null])
    expect(machine.loadModule('igbvf')).toBe('ok')
    expect(onDrivers(machine)).toEqual([null, null])
  })
})

describe('gpu-sriov', () => {
  it('turns drivers away, for as long as the functions are there, and sets the number', async () => {
    const changes = await runOn(gpuSriov, machineWithFunctions(0)).apply({ devices: [physicalFunction], functions: 2 })
    expect(words(changes)).toEqual(['sriov_drivers_autoprobe 1 → 0', 'sriov_numvfs 0 → 2'])
    expect(changes[1]).toMatchObject({ reveals: `the virtual functions of ${physicalFunction}` })
  })

  it('goes by 0 from one number to another, and undoes in an order that gives the old functions their drivers back', async () => {
    const changes = await runOn(gpuSriov, machineWithFunctions(1)).apply({ devices: [physicalFunction], functions: 2 })
    expect(words(changes)).toEqual(['sriov_numvfs 1 → 0', 'sriov_drivers_autoprobe 1 → 0', 'sriov_numvfs 0 → 2'])
    expect(changes[0]?.irreversible?.[0]?.summary).toContain(`${virtualFunctions[0]} on nvme`)
  })

  it('recreates functions that had no driver without one', async () => {
    const machine = machineWithFunctions(2, { drivers: false })
    const changes = await runOn(gpuSriov, machine).apply({ devices: [physicalFunction], functions: 0 })
    expect(words(changes)).toEqual([
      'sriov_drivers_autoprobe 1 → 0',
      'sriov_numvfs 2 → 0',
      'sriov_drivers_autoprobe 0 → 1',
    ])
  })

  it('goes by 0 from functions without drivers to another number, so that undoing recreates them without', async () => {
    for (const autoprobe of [true, false]) {
      const machine = machineWithFunctions(1, { drivers: false, autoprobe })
      const changes = await runOn(gpuSriov, machine).apply({ devices: [physicalFunction], functions: 2 })
      const away = autoprobe ? ['sriov_drivers_autoprobe 1 → 0'] : []
      expect(words(changes)).toEqual([...away, 'sriov_numvfs 1 → 0', 'sriov_numvfs 0 → 2'])
    }
  })

  it('lets drivers look again once no function is left that they were kept from', async () => {
    const machine = machineWithFunctions(2, { drivers: false, autoprobe: false })
    const changes = await runOn(gpuSriov, machine).apply({ devices: [physicalFunction], functions: 0 })
    expect(words(changes)).toEqual(['sriov_numvfs 2 → 0', 'sriov_drivers_autoprobe 0 → 1'])
  })

  it('leaves autoprobe as somebody set it where there was no function anyway', async () => {
    const run = runOn(gpuSriov, machineWithFunctions(0, { autoprobe: false }))
    expect(await run.apply({ devices: [physicalFunction], functions: 0 })).toEqual([])
  })

  it('refuses more functions than there can be, with the number', async () => {
    const run = runOn(gpuSriov, machineWithFunctions(0))
    await expect(run.apply({ devices: [physicalFunction], functions: 3 })).rejects.toMatchObject({
      code: 'JANUS_DEVICE_REFUSED',
      message: expect.stringContaining('can have 2 virtual functions at most, 3 were asked for'),
    })
    const findings = await run.check({ devices: [physicalFunction], functions: 3 })
    expect(findings.at(-1)).toMatchObject({ status: 'critical', id: 'refused-0000-06-00-0-too-many-1' })
  })

  it('refuses a device that is no physical function, and one that has no driver', async () => {
    const machine = machineWithFunctions(0)
    await expect(runOn(gpuSriov, machine).apply({ devices: [nvme], functions: 1 })).rejects.toMatchObject({
      message: expect.stringContaining('is no SR-IOV physical function'),
    })
    machine.write('/sys/bus/pci/drivers/nvme/unbind', physicalFunction)
    await expect(runOn(gpuSriov, machine).apply({ devices: [physicalFunction], functions: 1 })).rejects.toMatchObject({
      message: expect.stringContaining('has no driver'),
    })
  })

  it('refuses while a virtual machine holds a function, and names it', async () => {
    const [first] = virtualFunctions
    const machine = machineOnVfio(first)
    const hold = machine.holdDevice(first)
    const run = runOn(gpuSriov, machine)
    await expect(run.apply({ devices: [physicalFunction], functions: 0 })).rejects.toMatchObject({
      message: expect.stringMatching(/0000:06:00\.1 of 0000:06:00\.0 is in use: qemu-system-x86 \(process \d+\)/),
    })
    hold.release()
    expect(await run.apply({ devices: [physicalFunction], functions: 0 })).toHaveLength(3)
  })

  it('asks again right before functions go away, and before undoing takes them, whether anybody uses any of them', async () => {
    const unused = { kind: 'unused', path: PATH, uses: ['virtual-machine'], functionUses: DEVICE_USE_KINDS }
    const machine = machineWithFunctions(2, { drivers: false })
    const [, off] = await runOn(gpuSriov, machine).apply({ devices: [physicalFunction], functions: 0 })
    expect(off).toMatchObject({ value: '0', expect: [unused] })
    const [, on] = await runOn(gpuSriov, machineWithFunctions(0)).apply({ devices: [physicalFunction], functions: 2 })
    expect(on).toMatchObject({ undo: [{ value: '0', expect: [unused] }] })
  })

  it('gives the kernel two seconds for each function, in the undo too', async () => {
    const changes = await runOn(gpuSriov, machineWithFunctions(1)).apply({ devices: [physicalFunction], functions: 2 })
    const [off, , on] = changes
    expect(off).toMatchObject({ value: '0', timeout: 2_000 })
    expect(on).toMatchObject({ value: '2', timeout: 4_000, undo: [{ value: '0', timeout: 4_000 }] })
  })

  it('recreates functions that were on VFIO without a driver of the host', async () => {
    const [first] = virtualFunctions
    const changes = await runOn(gpuSriov, machineOnVfio(first)).apply({ devices: [physicalFunction], functions: 0 })
    expect(words(changes)).toEqual([
      'sriov_drivers_autoprobe 1 → 0',
      'sriov_numvfs 2 → 0',
      'sriov_drivers_autoprobe 0 → 1',
    ])
  })

  it('refuses while a container has the interface of a function', async () => {
    const [first] = virtualFunctions
    const machine = machineWithFunctions(2)
    machine.put({ [`/sys/bus/pci/devices/${first}/net`]: emptyDirectory() })
    const run = runOn(gpuSriov, machine)
    await expect(run.apply({ devices: [physicalFunction], functions: 0 })).rejects.toMatchObject({
      message: expect.stringContaining('is in another network namespace'),
    })
  })

  it('leaves a device alone that has its number', async () => {
    const run = runOn(gpuSriov, machineWithFunctions(2, { drivers: false, autoprobe: false }))
    const options = { devices: [physicalFunction], functions: 2 }
    expect(await run.apply(options)).toEqual([])
    expect((await run.check(options)).slice(1)).toMatchObject([
      { status: 'ok', summary: expect.stringMatching(/ has 2 virtual functions$/) },
    ])
  })

  it('keeps drivers that are loaded later from functions that are as many as asked for already', async () => {
    const run = runOn(gpuSriov, machineWithFunctions(2, { drivers: false }))
    const options = { devices: [physicalFunction], functions: 2 }
    expect(words(await run.apply(options))).toEqual(['sriov_drivers_autoprobe 1 → 0'])
    expect((await run.check(options)).at(-1)).toMatchObject({
      status: 'ok',
      summary: expect.stringContaining('drivers of the host that are loaded later can be kept from them'),
    })
  })

  it('warns of functions that stay on drivers of the host, and of none that go or are on VFIO', async () => {
    const [first, second] = virtualFunctions
    const warnings = async (machine: KernelModel, functions: number) =>
      (await runOn(gpuSriov, machine).check({ devices: [physicalFunction], functions })).filter(
        ({ status }) => status === 'warn',
      )
    expect(await warnings(machineWithFunctions(2, { autoprobe: false }), 2)).toMatchObject([
      {
        id: 'host-driver-0000-06-00-0',
        detail: `${first} is on nvme\n${second} is on nvme`,
        evidence: [{ path: `/sys/bus/pci/devices/${first}/driver`, value: 'nvme' }, { value: 'nvme' }],
      },
    ])
    expect(await warnings(machineWithFunctions(2), 0)).toEqual([])
    expect(await warnings(machineWithFunctions(1), 2)).toEqual([])
    expect(await warnings(machineOnVfio(first), 2)).toEqual([])
  })

  it('writes a rule for the boot that compares the device and waits for its driver', async () => {
    const run = runOn(gpuSriov, machineWithFunctions(2, { drivers: false, autoprobe: false }))
    const [change] = await run.apply({ devices: [physicalFunction], functions: 2, persistent: true })
    expect(change).toMatchObject({
      kind: 'write-file',
      path: '/etc/udev/rules.d/82-janus-sriov-0000-06-00-0.rules',
      scope: 'persistent',
      afterBoot: [
        { kind: 'equals', path: `${PATH}/sriov_numvfs`, value: '2' },
        { kind: 'equals', path: `${PATH}/sriov_drivers_autoprobe`, value: '0' },
      ],
    })
    const text = change?.kind === 'write-file' && 'text' in change.content ? change.content.text : ''
    const end = 'GOTO="janus_sriov_0000_06_00_0_end"'
    expect(text.split('\n').slice(2)).toEqual([
      `TEST=="/etc/initrd-release", ${end}`,
      `ACTION!="add|bind", ${end}`,
      `SUBSYSTEM!="pci", ${end}`,
      `KERNEL!="${physicalFunction}", ${end}`,
      `DRIVER!="nvme", ${end}`,
      `ATTR{vendor}!="0x1b36", ${end}`,
      `ATTR{device}!="0x0010", ${end}`,
      `ATTR{subsystem_vendor}!="0x1af4", ${end}`,
      `ATTR{subsystem_device}!="0x1100", ${end}`,
      'ATTR{sriov_drivers_autoprobe}="0"',
      `ATTR{sriov_numvfs}!="0", ${end}`,
      'ATTR{sriov_numvfs}="2"',
      'LABEL="janus_sriov_0000_06_00_0_end"',
      '',
    ])
  })

  it('writes the same rule whether drivers are kept away already or not, and one without them where the kernel cannot', async () => {
    const options = { devices: [physicalFunction], functions: 2, persistent: true }
    const machine = machineWithFunctions(0)
    const rule = ruleOf(await runOn(gpuSriov, machine).apply(options))
    machine.write(`${PATH}/sriov_drivers_autoprobe`, '0')
    expect(ruleOf(await runOn(gpuSriov, machine).apply(options))).toBe(rule)
    machine.remove(`${PATH}/sriov_drivers_autoprobe`)
    const changes = await runOn(gpuSriov, machine).apply(options)
    expect(words(changes.slice(0, 1))).toEqual(['sriov_numvfs 0 → 2'])
    expect(changes.at(-1)).toMatchObject({ afterBoot: [{ value: '2' }] })
    expect(ruleOf(changes)).toBe(rule.replace('ATTR{sriov_drivers_autoprobe}="0"\n', ''))
  })

  it('makes every folder that the rule needs and that the host lacks, the outer one first', async () => {
    const machine = machineWithFunctions(2, { drivers: false, autoprobe: false })
    const options = { devices: [physicalFunction], functions: 2, persistent: true }
    const written = async () =>
      (await runOn(gpuSriov, machine).apply(options)).flatMap((change) => ('path' in change ? change.path : []))
    const rule = '/etc/udev/rules.d/82-janus-sriov-0000-06-00-0.rules'
    machine.remove('/etc/udev/rules.d')
    expect(await written()).toEqual(['/etc/udev/rules.d', rule])
    machine.remove('/etc/udev')
    expect(await written()).toEqual(['/etc/udev', '/etc/udev/rules.d', rule])
  })

  it('writes no rule for a driver that is not there, or whose name would break out of it', async () => {
    const options = { devices: [physicalFunction], functions: 1, persistent: true }
    const machine = machineWithFunctions(1)
    machine.remove(`${PATH}/driver`)
    await expect(runOn(gpuSriov, machine).apply(options)).rejects.toMatchObject({
      message: expect.stringContaining('has no driver'),
    })
    machine.put({ [`${PATH}/driver`]: link('/sys/bus/pci/drivers/x", RUN+="y') })
    await expect(runOn(gpuSriov, machine).apply(options)).rejects.toMatchObject({
      message: expect.stringContaining('no rule of udev can hold'),
    })
  })

  it('refuses another device at the address', async () => {
    const options = { devices: [physicalFunction], functions: 1, identities: { [physicalFunction]: '8086:1520' } }
    await expect(runOn(gpuSriov, machineWithFunctions(0)).apply(options)).rejects.toMatchObject({
      message: expect.stringContaining('is not the device expected'),
    })
  })
})

/** Two functions, one of them on vfio-pci, while drivers may look at new ones. */
function machineOnVfio(address: string): KernelModel {
  const machine = createKernelModel(standardMachine({ vfio: 'loaded' }))
  machine.write(`${PATH}/sriov_drivers_autoprobe`, '0')
  machine.write(`${PATH}/sriov_numvfs`, '2')
  machine.write(`${PATH}/sriov_drivers_autoprobe`, '1')
  machine.write(`/sys/bus/pci/devices/${address}/driver_override`, 'vfio-pci')
  machine.write('/sys/bus/pci/drivers/vfio-pci/bind', address)
  return machine
}

function ruleOf(changes: readonly Change[]): string {
  const change = changes.find(({ kind }) => kind === 'write-file')
  return change?.kind === 'write-file' && 'text' in change.content ? change.content.text : ''
}

function words(changes: readonly { readonly kind: string }[]): readonly string[] {
  return changes.map((change) => {
    const { path, from, value } = change as { path: string; from?: string; value?: string; kind: string }
    return `${path.split('/').at(-1)} ${from} → ${value}`
  })
}
