import { lifeCycleSuite, standardAddresses } from '@janus/core/testing'
import { test } from 'vitest'
import { cpuGovernor, cpuIrqAffinity, cpuKvm, cpuSmt } from '../src/index.js'
import { balancedMachine } from './cpu-irq-affinity/balanced-machine.js'
import { activePolicies, tuningMachine } from './fixture/tuning-machine.js'

lifeCycleSuite({
  test,
  module: cpuKvm,
  fixtures: [
    {
      title: 'a reload, registers and a file',
      kernel: () => tuningMachine(),
      options: { nested: false, ignoreMsrs: true, persistent: true },
      proves: ['kvm-requested'],
    },
    {
      title: 'KVM is not loaded',
      kernel: () => tuningMachine({ kvm: 'unloaded' }),
      options: { nested: true, reportIgnoredMsrs: false },
      proves: ['kvm-requested', 'kvm-parameters'],
    },
  ],
})
lifeCycleSuite({
  test,
  module: cpuGovernor,
  fixtures: [
    {
      title: 'a governor that is a module, and boost',
      kernel: () => tuningMachine(),
      options: { governor: 'ondemand', boost: false },
      proves: ['frequency-requested'],
    },
    {
      title: 'an active driver, from performance to a preference',
      kernel: () => tuningMachine({ frequencyPolicies: activePolicies('intel_pstate', 'performance') }),
      options: { governor: 'powersave', energyPreference: 'power', cpus: '0-1' },
      proves: ['frequency-requested'],
    },
    {
      title: 'an active driver, to performance',
      kernel: () => tuningMachine({ frequencyPolicies: activePolicies('amd-pstate-epp') }),
      options: { governor: 'performance' },
      proves: ['frequency-requested'],
    },
  ],
})
lifeCycleSuite({
  test,
  module: cpuIrqAffinity,
  fixtures: [
    {
      title: 'away from a core',
      kernel: () => tuningMachine(),
      options: { awayFrom: '2-3' },
      proves: ['interrupts-requested', 'irqbalance'],
    },
    {
      title: 'away from a core, where irqbalance runs',
      kernel: () => balancedMachine().model,
      options: { awayFrom: '2-3' },
      proves: ['interrupts-requested', 'irqbalance'],
    },
    {
      title: 'one device onto a CPU, where irqbalance runs',
      kernel: () => balancedMachine().model,
      options: { onto: '1', devices: [standardAddresses.nic] },
      proves: ['interrupts-requested', 'irqbalance'],
    },
  ],
})
lifeCycleSuite({
  test,
  module: cpuSmt,
  fixtures: [
    {
      title: 'off, one CPU offline before',
      kernel: () =>
        tuningMachine({
          processors: {
            cores: [
              [0, 1],
              [2, 3],
            ],
            offline: [2],
          },
        }),
      options: { smt: 'off' },
      accept: ['cpu-affinities'],
      proves: ['smt-requested'],
    },
  ],
})
