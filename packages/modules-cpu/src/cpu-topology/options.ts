import { pciAddress } from '@janus/core/pci-address'
import * as z from '@janus/core/zod'

const MEBI = 1024
const FACTORS = { M: MEBI, G: MEBI * MEBI, T: MEBI * MEBI * MEBI } as const
const MOST_CPUS = 8192

/** An amount of memory as people write it, in KiB once parsed. */
const memorySize = z
  .string()
  .regex(/^[1-9]\d{0,6}[MGT](?:iB)?$/, 'must be a size such as 512M or 16G')
  .transform((text) => Number.parseInt(text, 10) * FACTORS[/[MGT]/.exec(text)?.[0] as keyof typeof FACTORS])

/** Options of cpu-topology: what a virtual machine is to get. */
export const cpuTopologyOptions = z.strictObject({
  vcpus: z.int().min(1).max(MOST_CPUS).describe('How many vCPUs the virtual machine has.'),
  device: pciAddress.optional().describe('PCI device that it gets: its memory node comes first.'),
  memory: memorySize.optional().describe('Memory that it has, such as `16G`.'),
  threadsPerCore: z
    .enum(['all', 'one'])
    .default('all')
    .describe('`all`: whole cores with all their threads. `one`: one thread of each core, its siblings stay idle.'),
  reserve: z
    .int()
    .min(1)
    .max(MOST_CPUS)
    .default(1)
    .describe('How many whole cores are kept for the host; the core of CPU 0 is always one of them.'),
})

/** Options of cpu-topology as the module sees them: `memory` in KiB. */
export type CpuTopologyOptions = z.output<typeof cpuTopologyOptions>
