import { createKernelModel, lifeCycleSuite, standardAddresses, standardMachine } from '@janus/core/testing'
import { test } from 'vitest'
import { gpuVfio } from '../src/index.js'

const kernel = () => createKernelModel(standardMachine())
const sleepyDevices = (standardMachine().devices ?? []).map((device) =>
  device.address === standardAddresses.nvme ? { ...device, power: { control: 'auto' as const } } : device,
)

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
  ],
})
