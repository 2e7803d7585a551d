import { describe, expect, it } from 'vitest'
import { cpuGovernor, cpuGovernorOptions } from '../../src/index.js'
import { onModel, writes } from '../fixture/on-model.js'
import { activePolicies, policies, type TuningMachine, tuningMachine } from '../fixture/tuning-machine.js'

const CPUFREQ = '/sys/devices/system/cpu/cpufreq'
const on = (machine: TuningMachine = {}) => onModel(cpuGovernor, tuningMachine(machine))

describe('the options of cpu-governor', () => {
  it.each([
    {},
    { governor: 'a b' },
    { cpus: '', governor: 'performance' },
    { cpus: '3-1', boost: true },
    { energyPreference: 'default' },
  ])('refuse %j', (options) => {
    expect(cpuGovernorOptions.safeParse(options).success).toBe(false)
  })

  it('read a list of CPUs', () => {
    expect(cpuGovernorOptions.parse({ governor: 'performance', cpus: '8,2-3' }).cpus).toEqual([2, 3, 8])
  })
})

describe('the changes of cpu-governor', () => {
  it('write once per policy', async () => {
    expect(writes(await on().plan({ governor: 'performance' }))).toEqual([
      [`${CPUFREQ}/policy0/scaling_governor`, 'performance'],
      [`${CPUFREQ}/policy2/scaling_governor`, 'performance'],
    ])
  })

  it('name the processors that get along with those that were asked for', async () => {
    expect(await on().plan({ governor: 'performance', cpus: '2' })).toMatchObject([
      { path: `${CPUFREQ}/policy2/scaling_governor`, why: expect.stringContaining('3 along with it') },
    ])
  })

  it('load the module of a governor first, so that undoing unloads it', async () => {
    expect((await on().plan({ governor: 'ondemand' })).map(({ kind }) => kind)).toEqual([
      'load-kernel-module',
      'write-attribute',
      'write-attribute',
    ])
  })

  it('give the governor back what it was told by hand', async () => {
    const model = tuningMachine()
    model.write(`${CPUFREQ}/schedutil/rate_limit_us`, '77')
    const [change] = await onModel(cpuGovernor, model).plan({ governor: 'performance' })
    expect(change?.undo).toMatchObject([
      { path: `${CPUFREQ}/policy0/scaling_governor`, value: 'schedutil' },
      { path: `${CPUFREQ}/schedutil/rate_limit_us`, value: '77' },
    ])
  })

  it('set the governor before the preference where the driver needs that', async () => {
    const frequencyPolicies = activePolicies('intel_pstate', 'performance')
    expect(
      writes(await on({ frequencyPolicies }).plan({ governor: 'powersave', energyPreference: 'power', cpus: '0' })),
    ).toEqual([
      [`${CPUFREQ}/policy0/scaling_governor`, 'powersave'],
      [`${CPUFREQ}/policy0/energy_performance_preference`, 'power'],
    ])
  })

  it('turn boost off by the switch that there is, whichever way it reads', async () => {
    expect(writes(await on().plan({ boost: false }))).toEqual([[`${CPUFREQ}/boost`, '0']])
    const path = '/sys/devices/system/cpu/intel_pstate/no_turbo'
    const intel = on({ attributes: { [path]: { text: '0', accepts: ['0', '1'] } } })
    expect(writes(await intel.plan({ boost: false }))).toEqual([[path, '1']])
    expect(await intel.plan({ boost: true })).toEqual([])
  })

  it('leave a policy alone whose processors are all offline', async () => {
    const processors = {
      cores: [
        [0, 1],
        [2, 3],
      ],
      offline: [2, 3],
    }
    expect(writes(await on({ processors }).plan({ governor: 'performance' }))).toHaveLength(1)
  })

  it.each<[string, TuningMachine, object, string]>([
    ['a governor that the driver does not have', {}, { governor: 'bogus' }, 'it has performance, schedutil'],
    [
      'a module for a driver that takes none',
      { frequencyPolicies: activePolicies('intel_pstate') },
      { governor: 'ondemand' },
      'it has performance, powersave',
    ],
    ['a preference where there is none', {}, { energyPreference: 'power' }, 'no energy performance preference'],
    [
      'a preference that there is not',
      { frequencyPolicies: activePolicies('intel_pstate') },
      { energyPreference: 'bogus' },
      'balance_power',
    ],
    [
      'a preference under performance',
      { frequencyPolicies: activePolicies('amd-pstate-epp', 'performance') },
      { energyPreference: 'power' },
      'EBUSY',
    ],
    [
      'both at odds',
      { frequencyPolicies: activePolicies('intel_pstate') },
      { governor: 'performance', energyPreference: 'power' },
      'EBUSY',
    ],
    ['a CPU that is not online', {}, { governor: 'performance', cpus: '2-9' }, 'CPU 4-9 is not online'],
    [
      'a CPU without a policy',
      { frequencyPolicies: policies().slice(0, 1) },
      { governor: 'performance', cpus: '1-2' },
      'CPU 2 has no frequency policy',
    ],
    [
      'a host without frequency scaling',
      { frequencyPolicies: [] },
      { governor: 'performance' },
      'no frequency scaling',
    ],
    ['boost without a switch', { boostSwitch: 'absent' }, { boost: true }, 'no switch for boost'],
  ])('refuse %s', async (_, machine, options, words) => {
    await expect(on(machine).plan(options)).rejects.toMatchObject({
      code: 'JANUS_HOST_UNFIT',
      message: expect.stringContaining(words),
    })
    const requested = await on(machine).finding('frequency-requested', options)
    const isAbsent = machine.frequencyPolicies?.length === 0 && !('boost' in options)
    expect(requested?.status).toBe(isAbsent ? 'skipped' : 'critical')
  })
})

describe('the check of cpu-governor', () => {
  it('says which processors have which governor', async () => {
    expect(await on().finding('frequency-policies')).toMatchObject({
      status: 'ok',
      summary: 'CPU 0-3: schedutil (acpi-cpufreq); boost is on',
    })
  })

  it('is skipped where there is no frequency scaling', async () => {
    expect(await on({ frequencyPolicies: [] }).finding('frequency-policies')).toMatchObject({ status: 'skipped' })
  })

  it.each([
    ['/sys/fs/cgroup/system.slice/tuned.service/cgroup.procs', 'tuned'],
    ['/sys/fs/cgroup/systemd/system.slice/power-profiles-daemon.service/tasks', 'power-profiles-daemon'],
    ['/run/tlp/last_pwr', 'tlp'],
  ])('tells of a power manager, seen by %s', async (path, name) => {
    const finding = await on({ files: { [path]: '' } }).finding('power-managers')
    expect(finding).toMatchObject({
      status: 'warn',
      summary: expect.stringContaining(name),
      remedy: expect.any(String),
    })
  })
})
