import { formatCpuList } from '../../inventory/cpu-list.js'
import { type AttributeNode, atOnce, type KernelAnswer } from '../file-tree/tree-node.js'
import { readOnly } from './attribute-nodes.js'
import type { ProcessorsSpec, SmtControl } from './kernel-spec.js'
import { type KernelState, type ProcessorsState, sysfsWord } from './kernel-state.js'

const DIRECTORY = '/sys/devices/system/cpu'

/** Makes the processors: which are online, their topology, and the switch of their threads (ABI/testing/sysfs-devices-system-cpu). */
export function createProcessors(kernel: KernelState, spec: ProcessorsSpec): ProcessorsState {
  const present = spec.cores.flat()
  const processors: ProcessorsState = {
    present,
    online: new Set(present.filter((cpu) => spec.offline?.includes(cpu) !== true)),
    onChange: [() => putTopology(kernel, spec, processors.online)],
  }
  const list = (name: string, cpus: () => Iterable<number>) =>
    kernel.tree.put(
      `${DIRECTORY}/${name}`,
      readOnly(() => `${formatCpuList(cpus())}\n`),
    )
  list('possible', () => present)
  list('present', () => present)
  list('online', () => processors.online)
  list('offline', () => present.filter((cpu) => !processors.online.has(cpu)))
  putSwitches(kernel, spec, processors)
  putTopology(kernel, spec, processors.online)
  return processors
}

function putSwitches(kernel: KernelState, spec: ProcessorsSpec, processors: ProcessorsState): void {
  const secondary = new Set(spec.cores.flatMap((threads) => threads.slice(1)))
  let control: SmtControl = spec.smt ?? (secondary.size > 0 ? 'on' : 'notsupported')

  function setControl(word: string): KernelAnswer {
    if (word !== 'on' && word !== 'off' && word !== 'forceoff') return 'EINVAL'
    if (control === 'forceoff') return 'EPERM'
    if (control === 'notsupported' || control === 'notimplemented') return 'ENODEV'
    if (word === 'on') {
      const turnsOn = control !== 'on'
      control = word
      if (turnsOn) setOnline(processors, resumed())
      return 'ok'
    }
    // The switch moves only when all of them are gone; what went before one refused stays offline (kernel/cpu.c).
    const leaving = [...processors.online].filter((cpu) => secondary.has(cpu)).sort((left, right) => left - right)
    for (const cpu of leaving) if (!takeOffline(cpu)) return 'EBUSY'
    control = word
    return 'ok'
  }

  function takeOffline(cpu: number): boolean {
    if (spec.refusing?.includes(cpu) === true) return false
    setOnline(
      processors,
      [...processors.online].filter((other) => other !== cpu),
    )
    return true
  }

  /** Up to 6.10 whatever is offline comes online, also what somebody took offline by hand; later only threads of cores that are. */
  function resumed(): readonly number[] {
    if (kernel.personality === '6.1') return processors.present
    return spec.cores.filter((threads) => threads.some((cpu) => processors.online.has(cpu))).flat()
  }

  /** The first processor of x86 has no switch. */
  for (const cpu of processors.present.slice(1)) {
    const isForbidden = () => control !== 'on' && secondary.has(cpu) && spec.smt !== 'notsupported'
    kernel.tree.put(`${DIRECTORY}/cpu${cpu}/online`, {
      type: 'attribute',
      mode: 0o644,
      show: atOnce(() => `${processors.online.has(cpu) ? 1 : 0}\n`),
      store: atOnce((text: string) => {
        const word = sysfsWord(text)
        if (!/^[01nyNY]/.test(word)) return 'EINVAL'
        const isOn = /^[1yY]/.test(word)
        if (isOn && isForbidden()) return 'EPERM'
        if (!isOn) return !processors.online.has(cpu) || takeOffline(cpu) ? 'ok' : 'EBUSY'
        setOnline(processors, [...processors.online].filter((other) => other !== cpu).concat([cpu]))
        return 'ok'
      }),
    })
  }
  kernel.tree.put(
    `${DIRECTORY}/smt/control`,
    switchNode(() => control, setControl),
  )
  kernel.tree.put(
    `${DIRECTORY}/smt/active`,
    readOnly(
      () => `${spec.cores.some((threads) => threads.filter((cpu) => processors.online.has(cpu)).length > 1) ? 1 : 0}\n`,
    ),
  )
}

function switchNode(show: () => string, store: (word: string) => KernelAnswer): AttributeNode {
  return {
    type: 'attribute',
    mode: 0o644,
    show: atOnce(() => `${show()}\n`),
    store: atOnce((text: string) => store(sysfsWord(text))),
  }
}

/** One after the other, in ascending order: what each of them leaves behind is settled before the next. */
function setOnline(processors: ProcessorsState, cpus: readonly number[]): void {
  for (const cpu of processors.present) {
    if (processors.online.has(cpu) === cpus.includes(cpu)) continue
    const others = [...processors.online].filter((other) => other !== cpu)
    const next = cpus.includes(cpu) ? [...others, cpu].sort((left, right) => left - right) : others
    processors.online.clear()
    for (const one of next) processors.online.add(one)
    for (const changed of processors.onChange) changed()
  }
}

/** A processor that is offline has no topology, and its siblings do not count it. */
function putTopology(kernel: KernelState, { cores }: ProcessorsSpec, online: ReadonlySet<number>): void {
  for (const [core, threads] of cores.entries()) {
    const siblings = `${formatCpuList(threads.filter((cpu) => online.has(cpu)))}\n`
    for (const cpu of threads) {
      const directory = `${DIRECTORY}/cpu${cpu}/topology`
      if (!online.has(cpu)) {
        kernel.tree.remove(directory)
        continue
      }
      const values = { core_id: `${core}\n`, physical_package_id: '0\n', die_id: '0\n' }
      const lists = { thread_siblings_list: siblings, core_cpus_list: siblings }
      for (const [name, text] of Object.entries({ ...values, ...lists })) {
        kernel.tree.put(`${directory}/${name}`, readOnly(text))
      }
    }
  }
}
