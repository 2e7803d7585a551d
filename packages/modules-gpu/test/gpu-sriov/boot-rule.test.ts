import { file, type KernelModel } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { gpuSriov } from '../../src/index.js'
import { runOn } from '../fixture/run-module.js'
import { machineWithNetworkFunctions, networkFunctions } from '../fixture/runtime-machines.js'

const { physical, virtual } = networkFunctions
const PATH = `/sys/bus/pci/devices/${physical}`
const onDrivers = (machine: KernelModel) => virtual.map((address) => machine.devices()[address]?.driver)
const attributeOf = async (machine: KernelModel, name: string) => (await machine.host.readText(`${PATH}/${name}`)).value

describe('the rule at boot', () => {
  it('makes the functions and keeps from them a driver that is loaded later', async () => {
    const machine = machineWithNetworkFunctions()
    await boot(machine, await ruleFor(2))
    expect(await attributeOf(machine, 'sriov_numvfs')).toBe('2\n')
    expect(machine.loadModule('igbvf')).toBe('ok')
    expect(onDrivers(machine)).toEqual([null, null])
  })

  it.each([1, 2])(
    'keeps it also from functions that their driver made by a parameter of its own, and leaves their number: %i',
    async (made) => {
      const machine = machineWithNetworkFunctions()
      expect(machine.write(`${PATH}/sriov_numvfs`, String(made))).toBe('ok')
      await boot(machine, await ruleFor(2))
      expect(await attributeOf(machine, 'sriov_numvfs')).toBe(`${made}\n`)
      expect(await attributeOf(machine, 'sriov_drivers_autoprobe')).toBe('0\n')
      expect(machine.loadModule('igbvf')).toBe('ok')
      expect(onDrivers(machine).filter((driver) => driver === 'igbvf')).toEqual([])
    },
  )

  it('touches nothing in an initramfs', async () => {
    const machine = machineWithNetworkFunctions()
    machine.put({ '/etc/initrd-release': file('ID=fedora\n') })
    await boot(machine, await ruleFor(2))
    expect(await attributeOf(machine, 'sriov_numvfs')).toBe('0\n')
    expect(await attributeOf(machine, 'sriov_drivers_autoprobe')).toBe('1\n')
  })
})

async function ruleFor(functions: number): Promise<string> {
  const options = { devices: [physical], functions, persistent: true }
  const changes = await runOn(gpuSriov, machineWithNetworkFunctions()).apply(options)
  return (
    changes.flatMap((change) =>
      change.kind === 'write-file' && 'text' in change.content ? [change.content.text] : [],
    )[0] ?? ''
  )
}

/** What udev does with the lines of the rule, in their order, when the driver has the physical function (udev(7)). */
async function boot(machine: KernelModel, rule: string): Promise<void> {
  const { driver } = machine.devices()[physical] ?? {}
  const keys: Readonly<Record<string, string>> = {
    ACTION: 'bind',
    SUBSYSTEM: 'pci',
    KERNEL: physical,
    DRIVER: `${driver}`,
  }
  for (const line of rule.split('\n')) {
    const [, key = '', attribute, operator = '', value = ''] = /^(\w+)(?:\{(\w+)\})?([!=]?=)"([^"]*)"/.exec(line) ?? []
    if (operator === '=' && attribute !== undefined) expect(machine.write(`${PATH}/${attribute}`, value)).toBe('ok')
    if (!line.includes(', GOTO=')) continue
    const found = key === 'ATTR' ? (await attributeOf(machine, attribute ?? ''))?.trim() : keys[key]
    const matches = key === 'TEST' ? await machine.host.exists(value) : value.split('|').includes(found ?? '')
    if (matches === (operator === '==')) return
  }
}
