import { type AttributeNode, atOnce, type KernelAnswer, type Operation } from '../file-tree/tree-node.js'
import { readOnly } from './attribute-nodes.js'
import { loadModule } from './kernel-modules.js'
import type { FrequencyPolicySpec } from './kernel-spec.js'
import { type KernelState, type ProcessorsState, sysfsWord } from './kernel-state.js'

const DIRECTORY = '/sys/devices/system/cpu/cpufreq'
/** Drivers that choose the frequency themselves, and under `performance` take no preference but that. */
const ACTIVE = new Set(['intel_pstate', 'amd-pstate-epp'])

interface Policy {
  readonly spec: FrequencyPolicySpec
  readonly directory: string
  governor: string
  preference: string | undefined
  /** What the preference was before the governor became `performance`. */
  kept: string | undefined
}

/** Makes the frequency policies with the rules of their drivers (admin-guide/pm/cpufreq.rst, intel_pstate.rst, amd-pstate.rst). */
export function createFrequencyPolicies(
  kernel: KernelState,
  specs: readonly FrequencyPolicySpec[],
  boost: boolean | undefined,
  processors: ProcessorsState,
): void {
  const policies = specs.map((spec): Policy => {
    const { governor, preference } = spec
    return { spec, directory: `${DIRECTORY}/policy${spec.cpus[0]}`, governor, preference, kept: undefined }
  })
  for (const policy of policies) putPolicy(kernel, policy, policies, processors)
  kernel.references.push((module) => policies.filter(({ governor }) => module === `cpufreq_${governor}`).length)
  putTunables(kernel, policies)
  if (boost === undefined) return
  let isBoosted = boost
  const policyBoosts = new Map(
    policies.flatMap(({ spec, directory }) =>
      spec.boost === undefined
        ? []
        : [[directory, putPolicyBoost(kernel, directory, spec.boost, () => isBoosted)] as const],
    ),
  )
  kernel.tree.put(`${DIRECTORY}/boost`, {
    type: 'attribute',
    mode: 0o644,
    show: atOnce(() => `${isBoosted ? 1 : 0}\n`),
    store: atOnce((text: string) => {
      const word = sysfsWord(text)
      if (word !== '0' && word !== '1') return 'EINVAL'
      isBoosted = word === '1'
      for (const own of policyBoosts.values()) own(isBoosted)
      return 'ok'
    }),
  })
}

/** A policy may be held back while the common switch is on; while that is off it takes nothing. */
function putPolicyBoost(
  kernel: KernelState,
  directory: string,
  initial: boolean,
  isCommonOn: () => boolean,
): (isOn: boolean) => void {
  let isOn = initial
  kernel.tree.put(`${directory}/boost`, {
    type: 'attribute',
    mode: 0o644,
    show: atOnce(() => `${isOn ? 1 : 0}\n`),
    store: atOnce((text: string) => {
      const word = sysfsWord(text)
      if (!isCommonOn() || (word !== '0' && word !== '1')) return 'EINVAL'
      isOn = word === '1'
      return 'ok'
    }),
  })
  return (common) => {
    isOn = common
  }
}

function putPolicy(
  kernel: KernelState,
  policy: Policy,
  policies: readonly Policy[],
  processors: ProcessorsState,
): void {
  const { spec, directory } = policy
  /** Nothing of a policy can be read or written while all of its processors are offline. */
  const refusal = () => (spec.cpus.some((cpu) => processors.online.has(cpu)) ? undefined : 'EBUSY')
  const put = (name: string, show: () => string) =>
    kernel.tree.put(`${directory}/${name}`, { ...readOnly(() => `${show()}\n`), refusal })
  put('affected_cpus', () => spec.cpus.filter((cpu) => processors.online.has(cpu)).join(' '))
  put('related_cpus', () => spec.cpus.join(' '))
  put('scaling_driver', () => spec.driver)
  put('scaling_available_governors', () => governorsOf(kernel, spec).join(' '))
  kernel.tree.put(`${directory}/scaling_governor`, {
    type: 'attribute',
    mode: 0o644,
    refusal,
    show: atOnce(() => `${policy.governor}\n`),
    *store(text) {
      const answer = yield* setGovernor(kernel, policy, sysfsWord(text))
      if (answer === 'ok') putTunables(kernel, policies)
      return answer
    },
  })
  if (spec.preferences === undefined) return
  put('energy_performance_available_preferences', () => spec.preferences?.join(' ') ?? '')
  kernel.tree.put(`${directory}/energy_performance_preference`, { ...preferenceNode(policy), refusal })
}

/** Governors of the kernel, and those of modules that are loaded. */
function governorsOf(kernel: KernelState, { governors }: FrequencyPolicySpec): readonly string[] {
  const loaded = [...kernel.modules.values()].flatMap(({ loaded, spec }) =>
    loaded && spec.name.startsWith('cpufreq_') ? [spec.name.slice('cpufreq_'.length)] : [],
  )
  return [...new Set([...governors, ...loaded])]
}

/** A governor that is a module is loaded by being asked for. */
function* setGovernor(kernel: KernelState, policy: Policy, governor: string): Operation<KernelAnswer> {
  const { spec } = policy
  if (!ACTIVE.has(spec.driver) && kernel.modules.has(`cpufreq_${governor}`))
    yield* loadModule(kernel, `cpufreq_${governor}`)
  if (!governorsOf(kernel, spec).includes(governor)) return 'EINVAL'
  if (ACTIVE.has(spec.driver) && governor !== policy.governor) {
    if (governor === 'performance') {
      policy.kept = policy.preference
      policy.preference = 'performance'
    } else if (spec.driver === 'intel_pstate') policy.preference = policy.kept ?? 'balance_performance'
  }
  policy.governor = governor
  return 'ok'
}

function preferenceNode(policy: Policy): AttributeNode {
  const { spec } = policy
  return {
    type: 'attribute',
    mode: 0o644,
    show: atOnce(() => `${policy.preference}\n`),
    store: atOnce((text: string) => {
      const word = sysfsWord(text)
      if (!spec.preferences?.includes(word) && !(/^\d{1,3}$/.test(word) && Number(word) <= 255)) return 'EINVAL'
      const isPerformance = word === 'performance' || Number(word) === 0
      if (ACTIVE.has(spec.driver) && policy.governor === 'performance' && !isPerformance) return 'EBUSY'
      policy.preference = word
      return 'ok'
    }),
  }
}

/** Tunables of a governor are there, with their defaults, from when a policy uses it until none does. */
function putTunables(kernel: KernelState, policies: readonly Policy[]): void {
  const tunables = Object.assign({}, ...policies.map(({ spec }) => spec.tunables)) as NonNullable<
    FrequencyPolicySpec['tunables']
  >
  for (const [governor, values] of Object.entries(tunables)) {
    const directory = `${DIRECTORY}/${governor}`
    const isUsed = policies.some((policy) => policy.governor === governor)
    const isThere = kernel.tree.lookup(directory).node !== undefined
    if (!isUsed) kernel.tree.remove(directory)
    else if (!isThere) putNumbers(kernel, directory, governor, values)
  }
}

function putNumbers(
  kernel: KernelState,
  directory: string,
  governor: string,
  initial: Readonly<Record<string, string>>,
): void {
  const numbers = { ...initial }
  for (const name of Object.keys(initial))
    kernel.tree.put(
      `${directory}/${name}`,
      numberNode(numbers, name, (value) => isTaken(governor, numbers, name, value)),
    )
}

/** The thresholds are parts of a hundred; those of `conservative` may not cross (drivers/cpufreq/cpufreq_conservative.c). */
function isTaken(governor: string, numbers: Readonly<Record<string, string>>, name: string, value: number): boolean {
  const isConservative = governor === 'conservative'
  if (name === 'up_threshold') {
    const least = isConservative ? Number(numbers.down_threshold ?? 0) + 1 : 1
    return value <= 100 && value >= least
  }
  if (name === 'down_threshold' && isConservative) return value >= 1 && value < Number(numbers.up_threshold ?? 101)
  return true
}

function numberNode(numbers: Record<string, string>, name: string, takes: (value: number) => boolean): AttributeNode {
  return {
    type: 'attribute',
    mode: 0o644,
    show: atOnce(() => `${numbers[name]}\n`),
    store: atOnce((text: string) => {
      const word = sysfsWord(text)
      if (!/^\d+$/.test(word) || !takes(Number(word))) return 'EINVAL'
      numbers[name] = word
      return 'ok'
    }),
  }
}
