import { createJanus, createSnapshotHost, type Host, type JanusModule } from '@janus/core'
import { createMemoryLogger, type KernelModel, type TreeInput } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import {
  cpuGovernor,
  cpuHugepages,
  cpuHugepagesOptions,
  cpuIrqAffinity,
  cpuIsolation,
  cpuKvm,
  cpuSmt,
} from '../src/index.js'
import { systemdMachine } from './cpu-isolation/machines.js'
import { contextOn, createMachine } from './fixture/context.js'
import { NODES, twoNodes } from './fixture/hugepage-machine.js'
import { activePolicies, tuningMachine } from './fixture/tuning-machine.js'

type Machine = Pick<KernelModel, 'host' | 'query'>

const OWN = '# Somebody else wrote this line.\nvm.nr_hugepages = 2\n'

const CASES: readonly (readonly [JanusModule, object, Machine])[] = [
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
  [cpuIsolation, { cpus: '3' }, isolated('/run/systemd/system')],
  [cpuIsolation, { cpus: '3', persistent: true }, isolated('/etc/systemd/system')],
  [cpuHugepages, { pages: 4, persistent: true }, sysctlMachine({ '/etc/sysctl.d/janus-hugepages.conf': OWN })],
  [cpuHugepages, { pages: 4, persistent: true }, sysctlMachine({ '/etc/sysctl.conf': 'vm.nr_hugepages = 4\n' })],
  [
    cpuHugepages,
    { pages: 4, persistent: true, node: 1 },
    sysctlMachine({
      '/etc/tmpfiles.d/janus-hugepages.conf': `w ${NODES}/node0/hugepages/hugepages-2048kB/nr_hugepages - - - - 2\n`,
    }),
  ],
]

describe('on a captured machine', () => {
  it.each<readonly [string, TreeInput]>([
    ['a file of sysctl.d', { '/usr/lib/sysctl.d/zz-other.conf': 'vm.nr_hugepages = 9\n' }],
    ['what sysctl(8) reads last', { '/etc/sysctl.conf': 'vm.nr_hugepages = 9\n' }],
  ])('hugepages are refused as on the machine itself because of %s', async (_, files) => {
    const model = sysctlMachine(files)
    const refusals = await Promise.all([model.host, await captureOf(model)].map((host) => refusal(host)))
    expect(refusals[0]).toMatch(/9/)
    expect(refusals[1]).toBe(refusals[0])
  })

  it('no sysctl but that of hugepages is shown', async () => {
    const model = sysctlMachine({ '/etc/sysctl.d/10-name.conf': 'kernel.hostname = private\nvm/nr_hugepages=4\n' })
    const janus = createJanus({ host: model.host })
    const snapshot = await janus.snapshot()
    await janus.close()
    expect(snapshot.entries['/etc/sysctl.d/10-name.conf']).toEqual({
      text: 'vm/nr_hugepages=4\n',
      mode: 0o644,
      uid: 0,
      gid: 0,
    })
  })

  it.each(CASES.map(([module, options, model]) => [module.metadata.id, module, options, model] as const))(
    '%s plans and finds what it does on the machine itself',
    async (_, module, options, model) => {
      const contexts = [model.host, await captureOf(model)].map((host) => ({
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

async function captureOf({ host }: Machine): Promise<Host> {
  const janus = createJanus({ host })
  const snapshot = createSnapshotHost(await janus.snapshot())
  await janus.close()
  return snapshot
}

async function refusal(host: Host): Promise<string> {
  const options = cpuHugepagesOptions.parse({ pages: 4, persistent: true })
  return await cpuHugepages.apply(contextOn(host, options)).then(
    () => 'none',
    (error: Error) => error.message,
  )
}

/** Of its slices one is kept to processors already, and of one the folder of drop-ins is there. */
function isolated(top: string): Machine {
  const kernel = systemdMachine({ delegating: true })
  const text = '# Without this file it has: 0-2\n[Slice]\nAllowedCPUs=\nAllowedCPUs=0\n'
  kernel.put({
    [`${top}/system.slice.d/90-janus-cpu-isolation.conf`]: text,
    [`${top}/user.slice.d/10-administrator.conf`]: '[Slice]\nCPUWeight=50\n',
  })
  return kernel
}

function sysctlMachine(files: TreeInput): Machine {
  const host = createMachine({ ...twoNodes, ...files })
  return { host, query: contextOn(host, undefined).query }
}
