import * as z from '@janus/core/zod'

const FACTORS = { K: 1, M: 1024, G: 1024 * 1024 } as const
const MOST_PAGES = 1_000_000_000

const pageSize = z
  .string()
  .regex(/^[1-9]\d{0,8}[KMG]$/, 'must be a size such as 2M or 1G')
  .transform((text) => Number.parseInt(text, 10) * FACTORS[text.slice(-1) as keyof typeof FACTORS])

/** Options of cpu-hugepages. */
export const cpuHugepagesOptions = z.strictObject({
  pages: z.int().min(0).max(MOST_PAGES).describe('How many pages are to be reserved, in all; 0 gives them back.'),
  size: pageSize
    .optional()
    .describe('Size of a page, such as `2M` or `1G`. Default: the default hugepage size of the host.'),
  node: z
    .int()
    .min(0)
    .max(1023)
    .optional()
    .describe('NUMA node to reserve on. Default: spread evenly over the nodes that have memory.'),
})

/** Options of cpu-hugepages as the module sees them: `size` in KiB. */
export type CpuHugepagesOptions = z.output<typeof cpuHugepagesOptions>
