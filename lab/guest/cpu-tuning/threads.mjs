import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { check, loadModule } from '../kit.mjs'
import { attempt, lifeCycle, openJanus, refusal } from './bench.mjs'

const CPU = '/sys/devices/system/cpu'
const FREQUENCIES = `${CPU}/cpufreq`
const NVME = '0000:02:00.0'

/** Four threads on two cores, each core with a frequency policy of its own; interrupts of real drivers. */
export async function threads() {
  const janus = openJanus()
  await governors(janus)
  await interrupts(janus)
  await janus.close()
}

async function governors(janus) {
  await refusal('without a driver frequencies cannot be set', 'JANUS_HOST_LACKS_FEATURE', 'no frequency scaling', () =>
    janus.plan('cpu-governor', { governor: 'performance' }),
  )
  await loadModule('acpi-cpufreq')
  const policies = readdirSync(FREQUENCIES).filter((name) => name.startsWith('policy'))
  check('acpi-cpufreq makes one policy per core', policies.join() === 'policy0,policy2', policies)
  writeFileSync(`${FREQUENCIES}/schedutil/rate_limit_us`, '12345')
  const folders = [CPU, '/sys/module/cpufreq_ondemand', '/sys/module/acpi_cpufreq']
  await lifeCycle(janus, 'governor performance', {
    module: 'cpu-governor',
    options: { governor: 'performance' },
    folders,
    whileApplied: ({ changes }) => {
      const found = policies.map((name) => read(`${FREQUENCIES}/${name}/scaling_governor`))
      check(
        'governor performance: one write per policy',
        changes.length === 2 && found.join() === 'performance,performance',
        found,
      )
    },
  })
  await lifeCycle(janus, 'governor ondemand, a module, on one core', {
    module: 'cpu-governor',
    options: { governor: 'ondemand', cpus: '2' },
    folders,
    whileApplied: () => {
      const found = policies.map((name) => read(`${FREQUENCIES}/${name}/scaling_governor`))
      check('governor ondemand: the other core keeps its own', found.join() === 'schedutil,ondemand', found)
    },
  })
  await refusal('an unknown governor is refused', 'JANUS_HOST_UNFIT', 'it has performance, schedutil', () =>
    janus.plan('cpu-governor', { governor: 'bogus' }),
  )
  await refusal(
    'a preference that the driver does not have is refused',
    'JANUS_HOST_UNFIT',
    'no energy performance preference',
    () => janus.plan('cpu-governor', { energyPreference: 'power' }),
  )
}

async function interrupts(janus) {
  const queues = readdirSync('/sys/kernel/irq').filter((number) =>
    /nvme\d+q[1-9]/.test(read(`/sys/kernel/irq/${number}/actions`)),
  )
  await lifeCycle(janus, 'interrupts away from a core', {
    module: 'cpu-irq-affinity',
    options: { awayFrom: '2-3' },
    folders: ['/proc/irq'],
    async whileApplied(plan) {
      const touched = plan.changes.map(({ path }) => path)
      const managed = queues.filter((number) => touched.includes(`/proc/irq/${number}/smp_affinity_list`))
      check('queues of NVMe are not touched', queues.length > 0 && managed.length === 0, { queues, managed })
      const { findings } = (await janus.check({ modules: ['cpu-irq-affinity'] })).modules?.[0] ?? {}
      check(
        'the overview counts them',
        findings?.some(({ summary }) => /cannot be set/.test(summary)),
        findings,
      )
      const astray = plan.changes.map(({ path }) => path.replace('smp_affinity_list', 'effective_affinity_list'))
      const found = astray.filter((path) => path.endsWith('_list') && /[23]/.test(read(path)))
      check('no interrupt that was moved is handled there any more', found.length === 0, found)
    },
  })
  await lifeCycle(janus, 'interrupts of one device onto one CPU', {
    module: 'cpu-irq-affinity',
    options: { onto: '1', devices: ['0000:01:00.0', '0000:00:10.0'] },
    folders: ['/proc/irq'],
  })
  await refusal('no CPU left is refused', 'JANUS_HOST_UNFIT', 'no CPU would be left', () =>
    janus.plan('cpu-irq-affinity', { awayFrom: '0-3' }),
  )
  const [queue] = queues
  const path = `/proc/irq/${queue}/smp_affinity_list`
  const because = 'the kernel manages it'
  const why = 'see what the kernel answers'
  const change = { kind: 'write-attribute', path, value: '1', why, scope: 'runtime', verify: [] }
  const other = openJanus([{ ...change, mayFail: { errors: ['EIO', 'EPERM'], because } }])
  const { value, error } = await attempt(async () => other.apply(await other.plan('test-changes', {})))
  const step = value?.steps[0]
  check(
    `a managed interrupt of ${NVME} is skipped with the reason`,
    step?.outcome === 'skipped' && step.reason.includes(because),
    {
      value,
      error,
    },
  )
  await other.close()
}

/** The threads of this machine, off and on; a boot of its own, because in the end they are off for good. */
export async function smt() {
  const janus = openJanus()
  const folders = [CPU, '/proc/irq']
  const accept = ['cpu-affinities']
  await refusal('the loss has to be accepted', 'JANUS_LOSS_NOT_ACCEPTED', 'cpu-affinities', async () =>
    janus.apply(await janus.plan('cpu-smt', { smt: 'off' })),
  )
  // An interrupt that may go nowhere else: the kernel lets it go everywhere, and Janus brings it back.
  const [usb] = readdirSync('/proc/irq').filter((number) =>
    existsSync(`/sys/bus/pci/devices/0000:00:10.0/msi_irqs/${number}`),
  )
  const lonely = `/proc/irq/${usb}/smp_affinity_list`
  writeFileSync(lonely, '3')
  await lifeCycle(janus, 'threads off', {
    module: 'cpu-smt',
    options: { smt: 'off' },
    folders,
    accept,
    whileApplied: () =>
      check('threads off: the second threads are offline', read(`${CPU}/online`) === '0,2', read(`${CPU}/online`)),
  })
  check('the interrupt that had nowhere to go is back', read(lonely) === '3', read(lonely))
  writeFileSync(`${CPU}/cpu2/online`, '0')
  await lifeCycle(janus, 'threads off, with a CPU that was offline before', {
    module: 'cpu-smt',
    options: { smt: 'off' },
    folders,
    accept,
  })
  writeFileSync(`${CPU}/cpu2/online`, '1')

  const group = '/sys/fs/cgroup/guests'
  writeFileSync('/sys/fs/cgroup/cgroup.subtree_control', '+cpuset')
  mkdirSync(group)
  writeFileSync(`${group}/cpuset.cpus`, '1,3')
  writeFileSync(`${group}/cpuset.cpus.partition`, 'root')
  await refusal('a partition of second threads alone is not left without CPUs', 'JANUS_HOST_UNFIT', group, () =>
    janus.plan('cpu-smt', { smt: 'off' }),
  )
  writeFileSync(`${group}/cpuset.cpus.partition`, 'member')
  rmdirSync(group)
  writeFileSync(`${CPU}/smt/control`, 'forceoff')
  await refusal('what was switched off for good cannot be switched on', 'JANUS_HOST_UNFIT', 'forceoff', () =>
    janus.plan('cpu-smt', { smt: 'on' }),
  )
  await janus.close()
}

function read(path) {
  return readFileSync(path, 'utf8').trim()
}
