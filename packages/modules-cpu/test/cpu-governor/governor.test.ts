import { describe, expect, it } from 'vitest'
import { cpuGovernor, cpuGovernorOptions } from '../../src/index.js'
import { onModel, undoOnModel, writes } from '../fixture/on-model.js'
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

  it('leave alone what it was told where another policy keeps the governor', async () => {
    const [change] = await on().plan({ governor: 'performance', cpus: '2' })
    expect(change?.undo).toMatchObject([{ path: `${CPUFREQ}/policy2/scaling_governor`, value: 'schedutil' }])
  })

  it.each([
    ['90', '95'],
    ['5', '15'],
  ])('put thresholds back that may not cross: %s and %s', async (down, up) => {
    const thresholds = { down_threshold: '20', up_threshold: '80' }
    const model = tuningMachine({
      frequencyPolicies: policies({
        governor: 'conservative',
        governors: ['performance', 'conservative'],
        tunables: { conservative: thresholds },
        // A single policy: of two, the second one would put right what the first one could not.
      }).slice(0, 1),
    })
    const place = `${CPUFREQ}/conservative`
    for (const [name, value] of [
      ['up_threshold', '100'],
      ['down_threshold', down],
      ['up_threshold', up],
    ] as const)
      expect(model.write(`${place}/${name}`, value)).toBe('ok')
    const changes = await onModel(cpuGovernor, model).plan({ governor: 'performance' })
    for (const [path, value] of writes(changes)) expect(model.write(path, value)).toBe('ok')
    for (const change of [...changes].reverse()) await undoOnModel(model, change)
    expect((await model.host.readText(`${place}/down_threshold`)).value).toBe(`${down}\n`)
    expect((await model.host.readText(`${place}/up_threshold`)).value).toBe(`${up}\n`)
  })

  it('put back what the switch for boost overwrites', async () => {
    const [first, second] = policies()
    if (first === undefined || second === undefined) throw new Error('there are two')
    const model = tuningMachine({
      frequencyPolicies: [
        { ...first, boost: false },
        { ...second, boost: true },
      ],
    })
    const [change] = await onModel(cpuGovernor, model).plan({ boost: false })
    expect(model.write(`${CPUFREQ}/boost`, '0')).toBe('ok')
    await undoOnModel(model, change)
    expect((await model.host.readText(`${CPUFREQ}/policy0/boost`)).value).toBe('0\n')
    expect((await model.host.readText(`${CPUFREQ}/policy2/boost`)).value).toBe('1\n')
  })

  it('put back the least performance that no_turbo pushes down', async () => {
    const directory = '/sys/devices/system/cpu/intel_pstate'
    const attributes = {
      [`${directory}/no_turbo`]: { text: '0', accepts: ['0', '1'] },
      [`${directory}/min_perf_pct`]: { text: '90', accepts: ['90'] },
    }
    const [change] = await on({ attributes }).plan({ boost: false })
    expect(change?.undo).toMatchObject([
      { path: `${directory}/no_turbo`, value: '0' },
      { path: `${directory}/min_perf_pct`, value: '90' },
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
    const isAbsent = machine.frequencyPolicies?.length === 0 || machine.boostSwitch === 'absent'
    await expect(on(machine).plan(options)).rejects.toMatchObject({
      code: isAbsent ? 'JANUS_HOST_LACKS_FEATURE' : 'JANUS_HOST_UNFIT',
      message: expect.stringContaining(words),
    })
    const requested = await on(machine).finding('frequency-requested', options)
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
