import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createKernelModel, type FrequencyPolicySpec, type KernelModel } from '../../../src/testing/index.js'

interface Recording {
  readonly kernel: string
  readonly machine: {
    readonly interrupts: readonly { readonly number: number; readonly actions: string; readonly affinity: string }[]
    readonly policies: readonly FrequencyPolicySpec[]
    readonly start: Readonly<Record<string, string>>
  }
  readonly answers: readonly {
    readonly path: string
    readonly content: string
    readonly result: string
    readonly changed: Readonly<Record<string, string>>
  }[]
}

const FOLDER = new URL('../../../../../lab/recorded/', import.meta.url)
const recordings = readdirSync(FOLDER)
  .filter((name) => /^processor-answers-.*\.json$/.test(name))
  .map((name) => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as Recording)

describe('processors, interrupts and frequency policies of the kernel model', () => {
  it.each(recordings.map((recording) => [recording.kernel, recording] as const))(
    'answer and change like %s',
    (_, { kernel, machine, answers }) => {
      const model = modelOf(kernel, machine)
      const watched = Object.keys(machine.start)
      const state = () => Object.fromEntries(watched.map((path) => [path, read(model, path)]))
      expect(state()).toEqual(machine.start)
      for (const { path, content, result, changed } of answers) {
        const before = state()
        const answered = model.write(path, content)
        const after = state()
        const found = Object.fromEntries(
          watched.filter((name) => before[name] !== after[name]).map((name) => [name, after[name]]),
        )
        expect({ path, content, result: answered, changed: found }).toEqual({ path, content, result, changed })
      }
    },
  )

  it('count a policy as a user of the module that brings its governor', () => {
    const model = createKernelModel({
      modules: [{ name: 'cpufreq_ondemand' }],
      processors: { cores: [[0]] },
      frequencyPolicies: [{ cpus: [0], driver: 'acpi-cpufreq', governor: 'performance', governors: ['performance'] }],
    })
    const governor = '/sys/devices/system/cpu/cpufreq/policy0/scaling_governor'
    expect(model.write(governor, 'ondemand')).toBe('ok')
    expect(model.unloadModule('cpufreq_ondemand')).toBe('EAGAIN')
    expect(model.write(governor, 'performance')).toBe('ok')
    expect(model.unloadModule('cpufreq_ondemand')).toBe('ok')
  })
})

function modelOf(kernel: string, { interrupts, policies }: Recording['machine']): KernelModel {
  return createKernelModel({
    personality: kernel.startsWith('6.1.') ? '6.1' : '6.12',
    modules: [{ name: 'cpufreq_ondemand' }],
    processors: {
      cores: [
        [0, 1],
        [2, 3],
      ],
    },
    interrupts: interrupts.map((interrupt) => ({
      ...interrupt,
      managed: /nvme\d+q[1-9]/.test(interrupt.actions),
      fixed: interrupt.number === 0,
    })),
    frequencyPolicies: policies.map((policy) => ({
      ...policy,
      tunables: { schedutil: { rate_limit_us: '10000' }, ondemand: { up_threshold: '95' } },
    })),
  })
}

function read(model: KernelModel, path: string): string {
  const answer = model.read(path)
  if (answer === undefined) return '<hang>'
  if ('errno' in answer) return `<${answer.errno}>`
  const text = answer.value.trim()
  return path.endsWith('governors') ? text.split(/\s+/).sort().join(' ') : text
}
