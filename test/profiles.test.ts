import { isJanusModule, type Profile } from '@janus/core'
import {
  createKernelModel,
  type KernelModel,
  type KernelSpec,
  standardAddresses,
  standardMachine,
} from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { createNullLogger } from '../packages/core/src/logging/combine-loggers.js'
import { inProcessModule } from '../packages/core/src/modules/in-process-module.js'
import { createOverlay } from '../packages/core/src/profile/overlay/overlay-host.js'
import { parseProfile } from '../packages/core/src/profile/parse-profile.js'
import { planStage, wholeProfile } from '../packages/core/src/profile/plan-profile.js'
import { createModelBench } from '../packages/core/test/transaction/model-bench.js'
import * as cpu from '../packages/modules-cpu/src/index.js'
import { balancedMachine } from '../packages/modules-cpu/test/cpu-irq-affinity/balanced-machine.js'
import { policies, tuningMachine } from '../packages/modules-cpu/test/fixture/tuning-machine.js'
import * as gpu from '../packages/modules-gpu/src/index.js'
import { repositoryFiles } from './repository-files.js'

const MODULES = [...Object.values<unknown>(cpu), ...Object.values<unknown>(gpu)].filter(isJanusModule)

async function profilesInPage(): Promise<readonly Profile[]> {
  const [page] = await repositoryFiles('docs', '/profiles.md')
  const blocks = [...(page?.text ?? '').matchAll(/^```yaml schema=\S+\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text)
  return Promise.all(blocks.map((text) => parseProfile(text, 'docs/profiles.md')))
}

async function plan(profile: Profile, { host, query }: KernelModel = tuningMachine()) {
  const modules = profile.modules.map((entry) => {
    const found = MODULES.find(({ metadata }) => metadata.id === entry.module)
    if (found === undefined) throw new Error(`there is no module ${entry.module}`)
    return { entry, module: inProcessModule(found), metadata: found.metadata }
  })
  const settings = { host, query, log: createNullLogger(), signal: new AbortController().signal, by: 'test' }
  return planStage({ ...settings, owner: { uid: 0, gid: 0 }, janusVersion: '0.0.0' }, wholeProfile(profile, modules))
}

describe('the profiles in docs/profiles.md', () => {
  it('can be read and planned', async () => {
    const profiles = await profilesInPage()
    expect(profiles.map(({ name }) => name)).toEqual(['vm', 'virtual-function'])
    for (const profile of profiles) expect((await plan(profile)).plan.changes).not.toEqual([])
  })

  it('are one stage where nothing waits, and two where a virtual function has to be made first', async () => {
    const [vm, functions] = await profilesInPage()
    const one = await plan(vm as Profile)
    expect(one.waiting).toEqual([])
    expect(one.modules.map(({ module }) => module)).toEqual(vm?.modules.map(({ module }) => module))
    const two = await plan(functions as Profile)
    expect(two.modules.map(({ module }) => module)).toEqual(['gpu-sriov'])
    expect(two.waiting).toMatchObject([{ module: 'gpu-vfio' }])
  })
})

describe('the order that the modules of the house ask for', () => {
  it('has no circle when all of them are in one profile, and names only modules that there are or will be', async () => {
    const modules = MODULES.map((found) => ({
      entry: { module: found.metadata.id },
      module: inProcessModule(found),
      metadata: found.metadata,
    }))
    const profile: Profile = { schema: 'janus.profile/1', name: 'all', modules: modules.map(({ entry }) => entry) }
    const order = wholeProfile(profile, modules).modules.map(({ entry }) => entry.module)
    expect(order).toHaveLength(MODULES.length)
    expect(order.indexOf('gpu-sriov')).toBeLessThan(order.indexOf('gpu-vfio'))
    expect(order.indexOf('gpu-vfio')).toBeLessThan(order.indexOf('cpu-irq-affinity'))
    expect(order.indexOf('gpu-vfio')).toBeLessThan(order.indexOf('gpu-reset'))
    expect(order.indexOf('cpu-smt')).toBeLessThan(order.indexOf('cpu-isolation'))
  })
})

describe('a profile that switches threads', () => {
  const profileOf = (smt: 'on' | 'off', ...modules: Profile['modules']): Profile => {
    return {
      schema: 'janus.profile/1',
      name: 'threads',
      modules: [...modules, { module: 'cpu-smt', options: { smt } }],
    }
  }
  const governor = (cpus: string) => ({ module: 'cpu-governor', options: { cpus, governor: 'performance' } })
  const interrupts = { module: 'cpu-irq-affinity', options: { awayFrom: '2' } }

  it('plans what comes behind them as if they were gone already, in one stage', async () => {
    const { plan: together, waiting } = await plan(profileOf('off', interrupts, governor('2')))
    expect(waiting).toEqual([])
    const gone = tuningMachine()
    expect(gone.write('/sys/devices/system/cpu/smt/control', 'off')).toBe('ok')
    const { plan: behind } = await plan(profileOf('off', interrupts, governor('2')), gone)
    const untold = ({ module }: { readonly module?: string }) => module !== 'cpu-smt'
    expect(behind.changes.length).toBeGreaterThan(0)
    expect(together.changes.filter(untold)).toEqual(behind.changes)
    expect(together.changes[0]).toMatchObject({ module: 'cpu-smt' })
  })

  it('tells irqbalance in a profile, too, of the processors that are left behind them', async () => {
    const { plan: told } = await plan(profileOf('off', interrupts), balancedMachine().model)
    const steps = told.changes.map((change) => (change.kind === 'run-command' ? change.args.join(' ') : change.kind))
    const restarted = steps.indexOf('try-restart irqbalance.service')
    expect(restarted).toBeGreaterThan(0)
    expect(told.changes.slice(restarted + 1).map(({ module }) => module)).toContain('cpu-irq-affinity')
    expect(steps.slice(restarted + 1).every((step) => step === 'write-attribute')).toBe(true)
  })

  it('refuses what names a processor that will be gone', async () => {
    await expect(plan(profileOf('off', governor('3')))).rejects.toMatchObject({
      code: 'JANUS_HOST_UNFIT',
      message: expect.stringContaining('3'),
      data: { path: '/sys/devices/system/cpu/online' },
    })
  })

  const CORES = [
    [0, 1],
    [2, 3],
  ]
  /** Booted with `nosmt`: the second threads are there and offline, each with a frequency policy of its own. */
  const threadless = () =>
    tuningMachine({
      processors: { cores: CORES, smt: 'off', offline: [1, 3] },
      frequencyPolicies: CORES.flat().flatMap((cpu) =>
        policies()
          .slice(1)
          .map((policy) => ({ ...policy, cpus: [cpu] })),
      ),
      cgroups: {
        online: '0-3',
        tasks: [
          { pid: 1, name: 'init' },
          { pid: 300, name: 'sshd' },
        ],
      },
    })
  const isolation = { module: 'cpu-isolation', options: { cpus: '2' } }
  const revealed = { until: ['the processors that come online, CPU 1,3'] }

  it('waits for processors that come online: what they are, only the kernel shows', async () => {
    const { modules, waiting } = await plan(profileOf('on', governor('3')), threadless())
    expect(modules.map(({ module }) => module)).toEqual(['cpu-smt'])
    expect(waiting).toMatchObject([{ module: 'cpu-governor', ...revealed }])
  })

  it.each([
    ['the governor of every processor', { module: 'cpu-governor', options: { governor: 'performance' } }],
    ['the governor of processors that are online already', governor('0')],
    ['interrupts', interrupts],
    ['a partition', isolation],
    ['parameters that depend on the processor', { module: 'cpu-kvm', options: { nested: false }, after: ['cpu-smt'] }],
  ])('waits for them also where it could be planned without them: %s', async (_, entry) => {
    const { modules, waiting } = await plan(profileOf('on', entry), threadless())
    expect(modules.map(({ module }) => module)).toEqual(['cpu-smt'])
    expect(waiting).toMatchObject([{ module: entry.module, ...revealed, because: expect.stringContaining('/') }])
  })

  it('waits with nothing that has to do with no processor', async () => {
    const pages = { module: 'cpu-hugepages', options: { pages: 8, node: 0 } }
    const profile = profileOf('on', { ...pages, after: ['cpu-smt'] })
    const { modules, waiting } = await plan(profile, threadless())
    expect(modules.map(({ module }) => module)).toEqual(['cpu-smt', 'cpu-hugepages'])
    expect(waiting).toEqual([])
  })

  it('plans behind them what covers them, and nothing once that is so', async () => {
    const profile = profileOf('on', { module: 'cpu-governor', options: { governor: 'performance' } })
    const model = threadless()
    expect(model.write('/sys/devices/system/cpu/smt/control', 'on')).toBe('ok')
    const { plan: behind } = await plan(profile, model)
    const paths = CORES.flat().map((cpu) => `/sys/devices/system/cpu/cpufreq/policy${cpu}/scaling_governor`)
    expect(behind.changes).toMatchObject(paths.map((path) => ({ path, value: 'performance' })))
    for (const path of paths) expect(model.write(path, 'performance')).toBe('ok')
    expect((await plan(profile, model)).plan.changes).toEqual([])
  })
})

describe('a profile that binds a display and keeps it awake', () => {
  const { display, displayAudio } = standardAddresses
  const control = `/sys/bus/pci/devices/${display}/power/control`
  const devices = [display, displayAudio]
  const profile: Profile = {
    schema: 'janus.profile/1',
    name: 'awake',
    modules: [
      { module: 'gpu-reset', options: { devices, keepAwake: true } },
      { module: 'gpu-vfio', options: { devices, allowUse: ['only-display'] } },
    ],
  }
  /** @param release of the kernel; default: one whose VFIO drivers write `power/control` */
  const machine = (before: 'auto' | 'on', release?: string): KernelSpec => {
    const standard = standardMachine()
    const asleep = (standard.devices ?? []).map((device) => ({
      resetMethods: 'pm flr',
      ...device,
      power: { control: before, d3coldAllowed: true },
    }))
    return { ...standard, devices: asleep, ...(release === undefined ? {} : { release }) }
  }

  it.each(['auto', 'on'] as const)(
    'in one stage, so that it stays awake, and as it was once rolled back: %s',
    async (before) => {
      const bench = createModelBench(machine(before))
      try {
        const found = bench.model.snapshot()
        const { modules, waiting, plan: together } = await plan(profile, bench.model)
        expect(modules.map(({ module }) => module)).toEqual(['gpu-vfio', 'gpu-reset'])
        expect(waiting).toEqual([])
        await bench.transactions.apply(together, { accept: ['display-session'] })
        expect((await bench.model.host.readText(control)).value).toBe('on\n')
        expect((await plan(profile, bench.model)).plan.changes).toEqual([])
        await bench.transactions.rollback()
        expect(bench.model.snapshot()).toEqual(found)
      } finally {
        bench.close()
      }
    },
  )

  it('and gives it back in one stage: a VFIO driver that lets go forbids it to sleep', async () => {
    const overlay = createOverlay(createKernelModel(machine('auto')).host)
    for (const [path, value] of [
      [`/sys/bus/pci/drivers/bochs-drm/unbind`, display],
      [`/sys/bus/pci/drivers/vfio-pci/bind`, display],
      [`/sys/bus/pci/drivers/vfio-pci/unbind`, display],
    ] as const)
      await overlay.lay({ kind: 'write-attribute', path, value, scope: 'runtime', why: 'a test' })
    expect((await overlay.host().readText(control)).value).toBe('on\n')
  })

  it('in two stages where the release does not say what the driver does: before 5.19 some have it and some have not', async () => {
    const { modules, waiting } = await plan(profile, createKernelModel(machine('on', '5.14.0-427.el9.x86_64')))
    expect(modules.map(({ module }) => module)).toEqual(['gpu-vfio'])
    expect(waiting).toMatchObject([{ module: 'gpu-reset', because: expect.stringContaining('power/control') }])
  })

  it.each([
    ['gpu-vfio-boot', { devices, allowUse: ['only-display'] }],
    ['gpu-reset', { devices: [display], methods: ['flr'] }],
  ] as const)('in one stage on such a kernel with %s, which does not ask how they sleep', async (module, options) => {
    const [, bind] = profile.modules
    const modules = [...(bind === undefined ? [] : [bind]), { module, options }]
    const together = await plan({ ...profile, modules }, createKernelModel(machine('auto', '5.15.0-130-generic')))
    expect(together.waiting).toEqual([])
    expect(together.modules.map((planned) => planned.module)).toEqual(['gpu-vfio', module])
    expect(together.plan.changes.map((change) => change.module)).toContain(module)
  })
})
