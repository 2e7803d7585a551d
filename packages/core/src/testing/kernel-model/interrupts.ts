import { formatCpuList, formatCpuMask, parseCpuList, parseCpuMask } from '../../inventory/cpu-list.js'
import { type AttributeNode, atOnce, type KernelAnswer } from '../file-tree/tree-node.js'
import { readOnly } from './attribute-nodes.js'
import type { InterruptSpec } from './kernel-spec.js'
import { type KernelState, type ProcessorsState, sysfsWord } from './kernel-state.js'

interface Interrupt {
  readonly spec: InterruptSpec
  mask: readonly number[]
}

/**
 * Makes the interrupts: where each may go, where it goes, and where new ones go (core-api/irq/irq-affinity.rst). The
 * affinity of a managed one cannot be set; one whose processors all went offline may go everywhere from then on.
 */
export function createInterrupts(
  kernel: KernelState,
  specs: readonly InterruptSpec[],
  processors: ProcessorsState,
): void {
  const interrupts = specs.map((spec): Interrupt => ({ spec, mask: parseCpuList(spec.affinity) ?? [] }))
  const isOnline = (cpu: number) => processors.online.has(cpu)
  for (const interrupt of interrupts) putInterrupt(kernel, interrupt, processors)
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

function putInterrupt(kernel: KernelState, interrupt: Interrupt, processors: ProcessorsState): void {
  const { number, actions = '', chip = 'IR-PCI-MSI', device } = interrupt.spec
  const effective = () => interrupt.mask.filter((cpu) => processors.online.has(cpu)).slice(0, 1)
  const directory = `/proc/irq/${number}`
  const put = (name: string, show: () => string) => kernel.tree.put(`${directory}/${name}`, readOnly(show))
  kernel.tree.put(
    `${directory}/smp_affinity_list`,
    affinityNode(kernel, interrupt, processors, formatCpuList, parseCpuList, 'ERANGE'),
  )
  kernel.tree.put(
    `${directory}/smp_affinity`,
    affinityNode(kernel, interrupt, processors, formatCpuMask, parseCpuMask, 'EOVERFLOW'),
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
      interrupt.mask = cpus
      return 'ok'
    }),
  }
}
