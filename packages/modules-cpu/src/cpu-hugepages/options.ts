import { pciAddress } from '@janus/core/pci-address'
import * as z from '@janus/core/zod'

const FACTORS = { K: 1, M: 1024, G: 1024 * 1024 } as const
const MOST_PAGES = 1_000_000_000

const pageSize = z
  .string()
  .regex(/^[1-9]\d{0,8}[KMG]$/, 'must be a size such as 2M or 1G')
  .transform((text) => Number.parseInt(text, 10) * FACTORS[text.slice(-1) as keyof typeof FACTORS])

/** Options of cpu-hugepages. */
export const cpuHugepagesOptions = z
  .strictObject({
    pages: z
      .int()
      .min(0)
      .max(MOST_PAGES)
      .optional()
      .describe('How many pages are to be reserved, in all; 0 gives them back.'),
    size: pageSize
      .optional()
      .describe('Size of a page, such as `2M` or `1G`. Default: the default hugepage size of the host.'),
    node: z
      .int()
      .min(0)
      .max(1023)
      .optional()
      .describe('NUMA node to reserve on. Default: spread evenly over the nodes that have memory.'),
    near: pciAddress.optional().describe('PCI address of a device: the pages are reserved on its NUMA node.'),
    persistent: z
      .boolean()
      .optional()
      .describe('Reserves them at every boot as well; pages of 1 GiB and more only from the next boot on.'),
    defaultSize: z
      .boolean()
      .optional()
      .describe('With persistent pages of 1 GiB: makes them the default size of the host, `default_hugepagesz=`.'),
    transparent: z
      .enum(['always', 'madvise', 'never'])
      .optional()
      .describe('Where the kernel gives hugepages by itself: everywhere, to programs that ask, or not at all.'),
    defrag: z
      .enum(['always', 'defer', 'defer+madvise', 'madvise', 'never'])
      .optional()
      .describe('How much work the kernel does at once to find a transparent hugepage.'),
  })
  .superRefine((options, context) => {
    const refuse = (path: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [path], message })
    }
    const { pages, node, near, size, persistent, defaultSize, transparent, defrag } = options
    if (pages === undefined && transparent === undefined && defrag === undefined) {
      refuse('pages', 'say how many pages, or what is to become of transparent hugepages')
    }
    if (pages === undefined) {
      for (const [name, value] of Object.entries({ size, node, near })) {
        if (value !== undefined) refuse(name, `${name} goes with pages`)
      }
    }
    if (node !== undefined && near !== undefined) refuse('near', 'name a node or a device, not both')
    const isGigantic = size !== undefined && size >= FACTORS.G
    if (defaultSize && !(persistent && isGigantic && pages !== 0)) {
      refuse('defaultSize', 'it goes with persistent pages of 1G')
    }
  })

/** Options of cpu-hugepages as the module sees them: `size` in KiB. */
export type CpuHugepagesOptions = z.output<typeof cpuHugepagesOptions>
