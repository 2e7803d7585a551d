import { INITRAMFS_TOOLS } from '@janus/core/boot'
import { pciAddress } from '@janus/core/pci-address'
import * as z from '@janus/core/zod'
import { gpuVfioOptions } from '../gpu-vfio/options.js'

const { includeSiblings, allowUse, identities, driver } = gpuVfioOptions.shape

/** Options of gpu-vfio-boot. */
export const gpuVfioBootOptions = z.strictObject({
  devices: z
    .array(pciAddress)
    .min(1)
    .max(64)
    .describe('PCI addresses of all devices that are to come up on a VFIO driver; others lose a binding made before.'),
  includeSiblings,
  allowUse,
  identities,
  driver,
  method: z
    .enum(['initramfs', 'udev'])
    .optional()
    .describe(
      'How the binding is made: by a script in the initramfs, before any driver is loaded, or by a udev rule. Default: initramfs where a tool for it is there; the rule for what is not there yet while the initramfs runs, such as virtual functions.',
    ),
  tool: z
    .enum(INITRAMFS_TOOLS)
    .optional()
    .describe('What builds the initramfs, for a host that has several such programs.'),
  allKernels: z
    .boolean()
    .default(true)
    .describe(
      'Build the initramfs of every installed kernel anew: which of them the next boot starts is decided later. False: only that of the running one.',
    ),
})

/** Options of gpu-vfio-boot as the module sees them: validated and normalised. */
export type GpuVfioBootOptions = z.output<typeof gpuVfioBootOptions>
