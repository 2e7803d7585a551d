import { pciAddress } from '@janus/core/pci-address'
import * as z from '@janus/core/zod'

const DEFAULT_TIMEOUT = 30
const MOST_SECONDS = 3_600

/** Options of gpu-framebuffer. */
export const gpuFramebufferOptions = z.strictObject({
  device: pciAddress
    .optional()
    .describe('PCI address of the display to release. Default: the one that the firmware started on.'),
  stopDisplayManager: z
    .boolean()
    .default(false)
    .describe(
      'Stop the display manager, which ends every session on it; undoing starts it again, without the sessions.',
    ),
  timeout: z
    .int()
    .min(1)
    .max(MOST_SECONDS)
    .default(DEFAULT_TIMEOUT)
    .describe('Seconds to wait until no program holds the display open, once its manager is stopped.'),
  unbindFramebuffer: z
    .boolean()
    .default(true)
    .describe(
      'Take the framebuffer of the firmware from its driver. False leaves it to the kernel, which since 6.0 evicts it when vfio-pci takes the display.',
    ),
})

/** Options of gpu-framebuffer as the module sees them: validated and normalised. */
export type GpuFramebufferOptions = z.output<typeof gpuFramebufferOptions>
