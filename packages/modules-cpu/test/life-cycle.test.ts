import { createKernelModel, lifeCycleSuite, standardMachine } from '@janus/core/testing'
import { test } from 'vitest'
import { cpuHugepages, cpuIsolation } from '../src/index.js'
import { machine, systemdMachine } from './cpu-isolation/machines.js'

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

const proves = ['isolation-requested', 'isolation-tasks']
lifeCycleSuite({
  test,
  module: cpuIsolation,
  fixtures: [
    { title: 'a partition', kernel: () => machine(), options: { cpus: '2-3' }, proves },
    {
      title: 'a partition that is not in effect',
      kernel: () => machine({ enabled: ['cpuset'], groups: { 'janus.slice': { cpus: '0-3', partition: 'isolated' } } }),
      options: { cpus: '2-3', partition: 'root' },
      proves,
    },
    {
      title: 'a partition that gets other processors',
      kernel: () => machine({ enabled: ['cpuset'], groups: { 'janus.slice': { cpus: '2-3', partition: 'isolated' } } }),
      options: { cpus: '1-3' },
      proves,
    },
    {
      title: 'restricting what there is',
      kernel: () => machine({ groups: { batch: {}, web: {} } }),
      options: { cpus: '2-3', mode: 'restrict' },
      proves,
    },
    { title: 'systemd', kernel: () => systemdMachine(), options: { cpus: '2-3' }, proves },
    {
      title: 'systemd beside a service that has the controller',
      kernel: () => systemdMachine({ delegating: true, cpus: '0-5' }),
      options: { cpus: '2-3' },
      proves,
    },
    { title: 'systemd, to last', kernel: () => systemdMachine(), options: { cpus: '1', persistent: true }, proves },
  ],
})
