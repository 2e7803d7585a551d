import { createJanus, createSnapshotHost, type JanusModule } from '@janus/core'
import { createMemoryLogger, type KernelModel } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { cpuGovernor, cpuIrqAffinity, cpuKvm, cpuSmt } from '../src/index.js'
import { activePolicies, tuningMachine } from './fixture/tuning-machine.js'

const CASES: readonly (readonly [JanusModule, object, KernelModel])[] = [
  [cpuKvm, { nested: false, ignoreMsrs: true }, tuningMachine()],
  [cpuKvm, { nested: false }, tuningMachine({ kvm: 'unloaded' })],
  [cpuGovernor, { governor: 'performance', boost: false }, tuningMachine()],
  [
    cpuGovernor,
    { energyPreference: 'power', cpus: '2-3' },
    tuningMachine({ frequencyPolicies: activePolicies('intel_pstate') }),
  ],
  [cpuIrqAffinity, { awayFrom: '2-3' }, tuningMachine()],
  [cpuIrqAffinity, { onto: '1', devices: ['0000:01:00.0'] }, tuningMachine()],
  [cpuSmt, { smt: 'off' }, tuningMachine()],
]

describe('on a captured machine', () => {
  it.each(CASES.map(([module, options, model]) => [module.metadata.id, module, options, model] as const))(
    '%s plans and finds what it does on the machine itself',
    async (_, module, options, model) => {
      const janus = createJanus({ host: model.host })
      const snapshot = createSnapshotHost(await janus.snapshot())
      await janus.close()
      const contexts = [model.host, snapshot].map((host) => ({
        host,
        query: model.query,
        options: module.options.parse(options),
        log: createMemoryLogger(),
        signal: new AbortController().signal,
      }))
      const [live, captured] = await Promise.all(contexts.map((context) => module.apply(context)))
      expect(captured).toEqual(live)
      const [found, foundThere] = await Promise.all(contexts.map((context) => module.check(context)))
      expect(foundThere).toEqual(found)
    },
  )
})
