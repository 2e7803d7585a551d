import { pciAddress } from '@janus/core/pci-address'
import * as z from '@janus/core/zod'
import { unitName } from '../systemd-units.js'

const DEFAULT_TIMEOUT = 60
const MOST_SECONDS = 3_600

/** Options of gpu-nvidia-release. */
export const gpuNvidiaReleaseOptions = z.strictObject({
  devices: z
    .array(pciAddress)
    .min(1)
    .max(64)
    .optional()
    .describe('PCI addresses of the cards to release. Default: every card on the nvidia driver.'),
  timeout: z
    .int()
    .min(1)
    .max(MOST_SECONDS)
    .default(DEFAULT_TIMEOUT)
    .describe('Seconds to wait until no process holds the cards open.'),
  stopUnits: z
    .array(unitName)
    .max(16)
    .default([])
    .describe(
      'Services, sockets and scopes of systemd to stop first, such as nvidia-dcgm.service; undoing starts them again.',
    ),
})

/** Options of gpu-nvidia-release as the module sees them: validated and normalised. */
export type GpuNvidiaReleaseOptions = z.output<typeof gpuNvidiaReleaseOptions>
