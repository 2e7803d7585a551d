import { test } from 'node:test'
import { createKernelModel, createMemoryHost, moduleSuite, standardMachine } from '@janus/core/testing'
import module from '../src/index.js'

const PATH = '/sys/kernel/mm/transparent_hugepage/enabled'
const machine = (): ReturnType<typeof createKernelModel> => createKernelModel(standardMachine())

moduleSuite({
  test,
  module,
  fixtures: [
    { title: 'the standard machine', kernel: machine, options: { mode: 'never' } },
    {
      title: 'a machine that is so already',
      host: createMemoryHost({ [PATH]: 'always madvise [never]\n' }),
      options: {},
    },
    { title: 'a machine without the attribute', host: createMemoryHost({}) },
  ],
})
