import { createKernelModel, lifeCycleSuite, standardMachine } from '@janus/core/testing'
import { test } from 'vitest'
import { cpuHugepages } from '../src/index.js'

const twoNodes = () =>
  createKernelModel({
    ...standardMachine(),
    hugepages: [
      { node: 0, sizeKiB: 2048, capacity: 300, pages: 7 },
      { node: 1, sizeKiB: 2048, capacity: 300 },
    ],
  })

lifeCycleSuite({
  test,
  module: cpuHugepages,
  fixtures: [
    { title: 'two nodes', kernel: twoNodes, options: { pages: 101 }, proves: ['hugepages-requested'] },
    {
      title: 'one of two nodes, given back',
      kernel: twoNodes,
      options: { pages: 0, size: '2M', node: 0 },
      proves: ['hugepages-requested'],
    },
  ],
})
