import { formatCpuList, formatCpuMask, parseCpuList, parseCpuMask } from '../../inventory/cpu-list.js'
import { type AttributeNode, atOnce, type KernelAnswer } from '../file-tree/tree-node.js'
import { readOnly } from './attribute-nodes.js'
import type { InterruptSpec } from './kernel-spec.js'
import { type KernelState, type ProcessorsState, sysfsWord } from './kernel-state.js'

interface Interrupt {
  readonly spec: InterruptSpec
  mask: readonly number[]
  /** Where it was put when its mask was written last. */
  cpu?: number
}

/**
 * Makes the interrupts: where each may go, where it goes, and where new ones go (core-api/irq/irq-affinity.rst). The
 * affinity of a managed one cannot be set; one whose processors all went offline may go everywhere from then on.
 */
export function createInterrupts(
  kernel: KernelState,
  specs: readonly InterruptSpec[],
  processors: ProcessorsState,
  vectors = Number.POSITIVE_INFINITY,
): void {
  const interrupts = specs.map((spec): Interrupt => ({ spec, mask: parseCpuList(spec.affinity) ?? [] }))
  const isOnline = (cpu: number) => processors.online.has(cpu)
  const findVector = vectorsOf(interrupts, processors, vectors)
  for (const interrupt of interrupts) putInterrupt(kernel, interrupt, processors, findVector)
  processors.onChange.push(() => {
    for (const interrupt of interrupts) {
      if (!interrupt.mask.some(isOnline) && interrupt.spec.managed !== true) interrupt.mask = [...processors.online]
    }
  })
  let standard: readonly number[] = processors.present
  kernel.tree.put('/proc/irq/default_smp_affinity', {
    type: 'attribute',
    mode: 0o644,
    show: atOnce(() => `${formatCpuMask(standard)}\n`),
    store: atOnce((text: string): KernelAnswer => {
      const cpus = parseCpuMask(sysfsWord(text))
      if (cpus === undefined) return 'EINVAL'
      if (cpus.some((cpu) => !processors.present.includes(cpu))) return 'EOVERFLOW'
      if (!cpus.some(isOnline)) return 'EINVAL'
      standard = cpus
      return 'ok'
    }),
  })
}

/** Finds a processor of these that has room for an interrupt beside the others that go to it. */
type FindVector = (interrupt: Interrupt, cpus: readonly number[]) => number | undefined

/**
 * Each processor has a table of its own with one vector per interrupt that goes to it; when those of all processors of a new
 * affinity are full, the write is refused and the old one stays (kernel/irq/matrix.c, irq_matrix_alloc: ENOSPC;
 * arch/x86/kernel/apic/vector.c, assign_vector_locked).
 */
function vectorsOf(interrupts: readonly Interrupt[], processors: ProcessorsState, vectors: number): FindVector {
  return (interrupt, cpus) => {
    const taken = interrupts.filter((one) => one !== interrupt).flatMap((one) => target(one, processors))
    const hasRoom = (cpu: number) => taken.filter((other) => other === cpu).length < vectors
    return cpus.find((cpu) => processors.online.has(cpu) && hasRoom(cpu))
  }
}

function target({ mask, cpu }: Interrupt, processors: ProcessorsState): readonly number[] {
  const possible = mask.filter((one) => processors.online.has(one))
  return cpu !== undefined && possible.includes(cpu) ? [cpu] : possible.slice(0, 1)
}

function putInterrupt(
  kernel: KernelState,
  interrupt: Interrupt,
  processors: ProcessorsState,
  findVector: FindVector,
): void {
  const { number, actions = '', chip = 'IR-PCI-MSI', device } = interrupt.spec
  const effective = () => target(interrupt, processors)
  const directory = `/proc/irq/${number}`
  const put = (name: string, show: () => string) => kernel.tree.put(`${directory}/${name}`, readOnly(show))
  kernel.tree.put(
    `${directory}/smp_affinity_list`,
    affinityNode(kernel, interrupt, processors, findVector, formatCpuList, parseCpuList, 'ERANGE'),
  )
  kernel.tree.put(
    `${directory}/smp_affinity`,
    affinityNode(kernel, interrupt, processors, findVector, formatCpuMask, parseCpuMask, 'EOVERFLOW'),
  )
  put('effective_affinity_list', () => `${formatCpuList(effective())}\n`)
  put('effective_affinity', () => `${formatCpuMask(effective())}\n`)
  kernel.tree.put(`/sys/kernel/irq/${number}/actions`, readOnly(`${actions}\n`))
  kernel.tree.put(`/sys/kernel/irq/${number}/chip_name`, readOnly(`${chip}\n`))
  const location = kernel.devices.get(device ?? '')?.location
  if (location !== undefined) kernel.tree.put(`${location}/msi_irqs/${number}`, readOnly('msix\n'))
}

function affinityNode(
  kernel: KernelState,
  interrupt: Interrupt,
  processors: ProcessorsState,
  findVector: FindVector,
  format: (cpus: Iterable<number>) => string,
  parse: (text: string) => readonly number[] | undefined,
  beyond: 'ERANGE' | 'EOVERFLOW',
): AttributeNode {
  const { managed, fixed } = interrupt.spec
  return {
    type: 'attribute',
    // From 6.12 on what cannot be set cannot be opened for writing by anybody but root, either (kernel/irq/proc.c).
    mode: (managed || fixed) && kernel.personality !== '6.1' ? 0o444 : 0o644,
    takesEmpty: true,
    show: atOnce(() => `${format(interrupt.mask)}\n`),
    store: atOnce((text: string): KernelAnswer => {
      if (managed || fixed) return kernel.personality === '6.1' ? 'EIO' : 'EPERM'
      const cpus = parse(sysfsWord(text))
      if (cpus === undefined) return 'EINVAL'
      if (cpus.some((cpu) => !processors.present.includes(cpu))) return beyond
      if (!cpus.some((cpu) => processors.online.has(cpu))) return 'EINVAL'
      const cpu = findVector(interrupt, cpus)
      if (cpu === undefined) return 'ENOSPC'
      Object.assign(interrupt, { mask: cpus, cpu })
      return 'ok'
    }),
  }
}
