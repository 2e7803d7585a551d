import { createKernelModel, moduleSuite, type ProcessorsSpec, standardMachine } from '@janus/core/testing'
import { test } from 'vitest'
import {
  cpuGovernor,
  cpuHugepages,
  cpuIrqAffinity,
  cpuIsolation,
  cpuKvm,
  cpuSmt,
  cpuTopology,
  cpuVirtualization,
  hostTools,
} from '../src/index.js'
import { machine, systemdMachine } from './cpu-isolation/machines.js'
import { activePolicies, tuningMachine } from './fixture/tuning-machine.js'

const kernel = () => createKernelModel(standardMachine())
const twoNodes = () =>
  createKernelModel({
    ...standardMachine(),
    hugepages: [
      { node: 0, sizeKiB: 2048, capacity: 300, pages: 7 },
      { node: 1, sizeKiB: 2048, capacity: 300 },
    ],
  })

const THREADS_OFF: ProcessorsSpec = {
  cores: [
    [0, 1],
    [2, 3],
  ],
  offline: [1, 3],
  smt: 'off',
}

moduleSuite({ test, module: cpuVirtualization, fixtures: [{ title: 'the lab machine', kernel }] })
moduleSuite({
  test,
  module: cpuTopology,
  fixtures: [
    { title: 'the lab machine', kernel },
    { title: 'the lab machine, of which something is asked', kernel, options: { vcpus: 1, memory: '1G' } },
    { title: 'a machine with two nodes', kernel: twoNodes, options: { vcpus: 2 } },
  ],
})
moduleSuite({ test, module: hostTools, fixtures: [{ title: 'the lab machine', kernel }] })
moduleSuite({
  test,
  module: cpuHugepages,
  fixtures: [
    { title: 'the lab machine', kernel, options: { pages: 12 } },
    { title: 'a machine with two nodes', kernel: twoNodes, options: { pages: 101 } },
    { title: 'a machine with two nodes, at every boot', kernel: twoNodes, options: { pages: 101, persistent: true } },
    { title: 'one of two nodes, given back', kernel: twoNodes, options: { pages: 0, size: '2M', node: 0 } },
  ],
})
moduleSuite({
  test,
  module: cpuKvm,
  fixtures: [
    { title: 'AMD, nested off', kernel: () => tuningMachine(), options: { nested: false } },
    {
      title: 'Intel, nested on and kept',
      kernel: () => tuningMachine({ vendor: 'GenuineIntel', nested: 'N' }),
      options: { nested: true, ignoreMsrs: true, persistent: true },
    },
    { title: 'KVM is not loaded', kernel: () => tuningMachine({ kvm: 'unloaded' }), options: {} },
    {
      title: 'KVM is not loaded, with parameters',
      kernel: () => tuningMachine({ kvm: 'unloaded' }),
      options: { nested: false, ignoreMsrs: true, reportIgnoredMsrs: false },
    },
  ],
})
moduleSuite({
  test,
  module: cpuGovernor,
  fixtures: [
    { title: 'acpi-cpufreq', kernel: () => tuningMachine(), options: { governor: 'performance', boost: false } },
    {
      title: 'a governor that is a module, on one core',
      kernel: () => tuningMachine(),
      options: { governor: 'ondemand', cpus: '2' },
    },
    {
      title: 'intel_pstate to performance',
      kernel: () => tuningMachine({ frequencyPolicies: activePolicies('intel_pstate') }),
      options: { governor: 'performance' },
    },
    {
      title: 'amd-pstate-epp to performance',
      kernel: () => tuningMachine({ frequencyPolicies: activePolicies('amd-pstate-epp') }),
      options: { governor: 'performance', energyPreference: 'performance' },
    },
    {
      title: 'intel_pstate from performance to a preference',
      kernel: () => tuningMachine({ frequencyPolicies: activePolicies('intel_pstate', 'performance') }),
      options: { governor: 'powersave', energyPreference: 'balance_power' },
    },
    {
      title: 'amd-pstate-epp, the preference alone',
      kernel: () => tuningMachine({ frequencyPolicies: activePolicies('amd-pstate-epp') }),
      options: { energyPreference: 'power' },
    },
  ],
})
moduleSuite({
  test,
  module: cpuIrqAffinity,
  fixtures: [
    { title: 'away from one core', kernel: () => tuningMachine(), options: { awayFrom: '2-3' } },
    {
      title: 'one device onto one CPU',
      kernel: () => tuningMachine(),
      options: { onto: '1', devices: ['0000:01:00.0'] },
    },
  ],
})
moduleSuite({
  test,
  module: cpuSmt,
  fixtures: [
    { title: 'off', kernel: () => tuningMachine(), options: { smt: 'off' }, accept: ['cpu-affinities'] },
    {
      title: 'on again',
      kernel: () => tuningMachine({ processors: THREADS_OFF, interrupts: [] }),
      options: { smt: 'on' },
    },
  ],
})
moduleSuite({
  test,
  module: cpuIsolation,
  fixtures: [
    { title: 'a host without cgroups', kernel },
    { title: 'a partition', kernel: () => machine(), options: { cpus: '2-3' } },
    { title: 'restricting what there is', kernel: () => machine(), options: { cpus: '2-3', mode: 'restrict' } },
    { title: 'systemd', kernel: () => systemdMachine(), options: { cpus: '2-3' } },
  ],
})
