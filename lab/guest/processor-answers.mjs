// Records what the kernel answers to writes about processors, interrupts and frequencies, and what each of them changes.
import { closeSync, constants, openSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import { check, finish, loadModule, value } from './kit.mjs'

const CPU = '/sys/devices/system/cpu'
const CPUFREQ = `${CPU}/cpufreq`

await loadModule('acpi-cpufreq')
const interrupts = readdirSync('/sys/kernel/irq')
  .map(Number)
  .sort((a, b) => a - b)
  .flatMap(describeInterrupt)
const policies = readdirSync(CPUFREQ)
  .filter((name) => name.startsWith('policy'))
  .sort()
  .map(describePolicy)
const named = (pattern) => interrupts.find(({ actions }) => pattern.test(actions)).number
const watched = [
  ...['online', 'offline', 'smt/control', 'smt/active', 'cpu3/online', 'cpu2/topology/thread_siblings_list'].map(
    (name) => `${CPU}/${name}`,
  ),
  ...policies.flatMap(({ cpus }) =>
    ['affected_cpus', 'scaling_governor', 'scaling_available_governors'].map(
      (name) => `${CPUFREQ}/policy${cpus[0]}/${name}`,
    ),
  ),
  ...['schedutil', 'ondemand'].map(
    (name) => `${CPUFREQ}/${name}/${name === 'schedutil' ? 'rate_limit_us' : 'up_threshold'}`,
  ),
  ...interrupts.map(({ number }) => `/proc/irq/${number}/smp_affinity_list`),
  '/proc/irq/default_smp_affinity',
]
const machine = { interrupts, policies, start: stateOf() }
const answers = []

const [free, other, managed] = [named(/xhci/), named(/ahci|snd_hda/), named(/nvme\d+q1$/)]
const list = (number) => `/proc/irq/${number}/smp_affinity_list`
for (const content of ['0,1', '1-2\n', '3', 'x', '', '9', '0-9', '3-2']) perform(list(free), content)
for (const content of ['3', '0000000c', '1f', '0', 'zz']) perform(`/proc/irq/${free}/smp_affinity`, content)
perform(list(managed), '0')
perform(list(0), '0')
for (const content of ['3', '00000003', 'ff', '0', 'zz', 'f']) perform('/proc/irq/default_smp_affinity', content)

const governor = `${CPUFREQ}/policy0/scaling_governor`
perform(`${CPUFREQ}/schedutil/rate_limit_us`, '77')
for (const content of ['performance', 'ondemand', 'bogus', 'schedutil\n', '']) perform(governor, content)
perform(`${CPUFREQ}/policy2/scaling_governor`, 'performance')
perform(`${CPUFREQ}/policy2/scaling_governor`, 'schedutil')

perform(list(free), '3')
perform(list(other), '2-3')
perform(`${CPU}/cpu3/online`, 'x')
for (const content of ['bogus', 'off', 'off']) perform(`${CPU}/smt/control`, content)
perform(`${CPU}/cpu3/online`, '1')
perform(list(free), '3')
perform(list(free), '1,2')
perform(`${CPU}/smt/control`, 'on')
perform(`${CPU}/cpu2/online`, '0')
perform(`${CPU}/smt/control`, 'off')
perform(`${CPU}/smt/control`, 'on')
perform(`${CPU}/smt/control`, 'forceoff')
perform(`${CPU}/smt/control`, 'on')

check('the kernel refused some and took some', new Set(answers.map(({ result }) => result)).size > 3, answers.length)
value('processor-answers', { machine, answers })
finish()

function perform(path, content) {
  const before = stateOf()
  const result = write(path, content)
  const after = stateOf()
  const changed = Object.fromEntries(
    watched.filter((name) => before[name] !== after[name]).map((name) => [name, after[name]]),
  )
  answers.push({ path, content, result, changed })
}

function write(path, content) {
  let descriptor
  try {
    descriptor = openSync(path, constants.O_WRONLY)
    writeSync(descriptor, content)
    return 'ok'
  } catch (error) {
    return error.code
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

function stateOf() {
  return Object.fromEntries(watched.map((path) => [path, read(path)]))
}

function read(path) {
  try {
    const text = readFileSync(path, 'utf8').trim()
    // The newest governor comes first, which is of no importance.
    return path.endsWith('governors') ? text.split(/\s+/).sort().join(' ') : text
  } catch (error) {
    return `<${error.code}>`
  }
}

function describeInterrupt(number) {
  const actions = read(`/sys/kernel/irq/${number}/actions`)
  return actions === '' ? [] : [{ number, actions, affinity: read(`/proc/irq/${number}/smp_affinity_list`) }]
}

function describePolicy(name) {
  const words = (attribute) => read(`${CPUFREQ}/${name}/${attribute}`).split(/\s+/)
  return {
    cpus: words('related_cpus').map(Number),
    driver: words('scaling_driver')[0],
    governor: words('scaling_governor')[0],
    governors: words('scaling_available_governors'),
  }
}
