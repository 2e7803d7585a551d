import { createKernelModel, lifeCycleSuite, standardAddresses, standardMachine } from '@janus/core/testing'
import { test } from 'vitest'
import { gpuVfio } from '../src/index.js'

const kernel = () => createKernelModel(standardMachine())

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
  ],
})
