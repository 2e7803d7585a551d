import { createKernelModel, moduleSuite, standardMachine } from '@janus/core/testing'
import { test } from 'vitest'
import { cpuHugepages, cpuVirtualization, hostTools } from '../src/index.js'

const kernel = () => createKernelModel(standardMachine())
const twoNodes = () =>
  createKernelModel({
    ...standardMachine(),
    hugepages: [
      { node: 0, sizeKiB: 2048, capacity: 300, pages: 7 },
      { node: 1, sizeKiB: 2048, capacity: 300 },
    ],
  })

moduleSuite({ test, module: cpuVirtualization, fixtures: [{ title: 'the lab machine', kernel }] })
moduleSuite({ test, module: hostTools, fixtures: [{ title: 'the lab machine', kernel }] })
moduleSuite({
  test,
  module: cpuHugepages,
  fixtures: [
    { title: 'the lab machine', kernel, options: { pages: 12 } },
    { title: 'a machine with two nodes', kernel: twoNodes, options: { pages: 101 } },
    { title: 'one of two nodes, given back', kernel: twoNodes, options: { pages: 0, size: '2M', node: 0 } },
  ],
})
