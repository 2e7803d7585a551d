import { createKernelModel, lifeCycleSuite, standardAddresses, standardMachine } from '@janus/core/testing'
import { test } from 'vitest'
import { gpuVfio } from '../src/index.js'
import { machineWithFunctions } from './fixture/runtime-machines.js'

const kernel = () => createKernelModel(standardMachine())
const sleepyDevices = (standardMachine().devices ?? []).map((device) =>
  device.address === standardAddresses.nvme ? { ...device, power: { control: 'auto' as const } } : device,
)
const turningOff = {
  options: { devices: [standardAddresses.physicalFunction], disableVirtualFunctions: true },
  accept: ['virtual-functions'],
  proves: [],
}

lifeCycleSuite({
  test,
  module: gpuVfio,
  fixtures: [
    {
      title: 'a function with its sibling',
      kernel,
      options: { devices: [standardAddresses.nic], includeSiblings: [standardAddresses.nicAudio] },
      proves: [],
    },
    {
      title: 'a drive that may sleep, which VFIO would leave awake',
      kernel: () => createKernelModel({ ...standardMachine(), devices: sleepyDevices }),
      options: { devices: [standardAddresses.nvme] },
      proves: [],
    },
    {
      title: 'a physical function whose functions have no driver',
      kernel: () => machineWithFunctions(2, { drivers: false }),
      ...turningOff,
    },
    {
      title: 'a physical function whose functions drivers are kept from',
      kernel: () => machineWithFunctions(2, { drivers: false, autoprobe: false }),
      ...turningOff,
    },
    { title: 'a physical function whose functions have drivers', kernel: () => machineWithFunctions(2), ...turningOff },
  ],
})
