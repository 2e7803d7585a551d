import { pciAddress } from '@janus/core/pci-address'
import * as z from '@janus/core/zod'
import { cpuList } from '../cpu-list-option.js'

/** Options of cpu-irq-affinity. */
export const cpuIrqAffinityOptions = z
  .strictObject({
    awayFrom: cpuList
      .optional()
      .describe('CPUs that interrupts are kept away from, such as `2-5`. One of `awayFrom` and `onto`.'),
    onto: cpuList.optional().describe('CPUs that interrupts are to be handled on. One of `awayFrom` and `onto`.'),
    devices: z
      .array(pciAddress)
      .min(1)
      .max(256)
      .optional()
      .describe('Only interrupts of these PCI devices. Default: all interrupts, and those that are asked for later.'),
  })
  .refine(({ awayFrom, onto }) => (awayFrom === undefined) !== (onto === undefined), {
    message: 'give exactly one of awayFrom and onto',
    path: ['awayFrom'],
  })

/** Options of cpu-irq-affinity as the module sees them. */
export type CpuIrqAffinityOptions = z.output<typeof cpuIrqAffinityOptions>
