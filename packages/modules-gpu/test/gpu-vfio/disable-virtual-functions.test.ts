import { DEVICE_USE_KINDS } from '@janus/core'
import { emptyDirectory, type KernelModel, standardAddresses } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { gpuVfio } from '../../src/index.js'
import { runOn } from '../fixture/run-module.js'
import { machineWithFunctions } from '../fixture/runtime-machines.js'

const { physicalFunction, virtualFunctions } = standardAddresses
const PATH = `/sys/bus/pci/devices/${physicalFunction}`
const OPTIONS = { devices: [physicalFunction], disableVirtualFunctions: true }

describe('the virtual functions of a device that is to be bound', () => {
  it('are turned off in the time that the kernel needs for each, unless anybody uses one by then', async () => {
    const off = turnOffOf(await planned(machineWithFunctions(2, { drivers: false })))
    expect(off).toMatchObject({
      path: `${PATH}/sriov_numvfs`,
      from: '2',
      value: '0',
      timeout: 4_000,
      expect: [
        {
          kind: 'unused',
          path: PATH,
          uses: ['virtual-machine'],
          functionUses: DEVICE_USE_KINDS.filter((kind) => kind !== 'virtual-functions'),
        },
      ],
    })
  })

  it('may be in use in the ways that a human insists on', async () => {
    const [first] = virtualFunctions
    const machine = machineWithFunctions(2)
    machine.put({ [`/sys/bus/pci/devices/${first}/net`]: emptyDirectory() })
    await expect(planned(machine)).rejects.toMatchObject({ code: 'JANUS_DEVICE_REFUSED' })
    const allowUse = ['network-namespace', 'virtual-machine']
    const off = turnOffOf(await planned(machine, { allowUse }))
    expect(off).toMatchObject({
      expect: [
        {
          uses: [],
          functionUses: DEVICE_USE_KINDS.filter((kind) => ![...allowUse, 'virtual-functions'].includes(kind)),
        },
      ],
      irreversible: [
        { id: 'virtual-functions', summary: expect.stringContaining(`${first} on nvme`) },
        { id: 'network-addresses' },
      ],
    })
  })

  it('come back as they were: with drivers of the host where they had some, else without', async () => {
    const autoprobe = 'sriov_drivers_autoprobe'
    expect(words(await planned(machineWithFunctions(2)))).toEqual(['sriov_numvfs 0'])
    expect(words(await planned(machineWithFunctions(2, { drivers: false })))).toEqual([
      `${autoprobe} 0`,
      'sriov_numvfs 0',
      `${autoprobe} 1`,
    ])
    const kept = machineWithFunctions(2, { drivers: false, autoprobe: false })
    expect(words(await planned(kept))).toEqual(['sriov_numvfs 0', `${autoprobe} 1`])
  })
})

async function planned(machine: KernelModel, options: object = {}) {
  return runOn(gpuVfio, machine).apply({ ...OPTIONS, ...options })
}

function turnOffOf(changes: Awaited<ReturnType<typeof planned>>) {
  return changes.find((change) => 'path' in change && change.path === `${PATH}/sriov_numvfs`)
}

function words(changes: Awaited<ReturnType<typeof planned>>): readonly string[] {
  return changes.flatMap((change) =>
    change.kind === 'write-attribute' && change.path.includes('/sriov_')
      ? [`${change.path.split('/').at(-1)} ${change.value}`]
      : [],
  )
}
