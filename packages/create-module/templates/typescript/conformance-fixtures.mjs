import { createKernelModel, createMemoryHost, standardMachine } from '@janus/core/testing'

const PATH = '/sys/kernel/mm/transparent_hugepage/enabled'

/** Machines in memory that the module is tried on, by `npm test` and by `janus module test .`; nothing of yours is changed. */
export default [
  {
    title: 'the standard machine',
    kernel: () => createKernelModel(standardMachine()),
    options: { mode: 'never' },
  },
  {
    title: 'a machine that is so already',
    host: createMemoryHost({ [PATH]: 'always madvise [never]\n' }),
    options: {},
  },
  { title: 'a machine without the attribute', host: createMemoryHost({}) },
]
