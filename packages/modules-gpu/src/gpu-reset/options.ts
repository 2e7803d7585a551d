import { pciAddress } from '@janus/core/pci-address'
import * as z from '@janus/core/zod'
import { deviceIdentity } from '../gpu-vfio/options.js'

/** Names of reset methods, in the order in which the kernel prefers them (drivers/pci/pci.c, pci_reset_fn_methods). */
export const RESET_METHODS = ['device_specific', 'acpi', 'flr', 'af_flr', 'pm', 'bus', 'cxl_bus'] as const

/** Options of gpu-reset. */
export const gpuResetOptions = z
  .strictObject({
    devices: z.array(pciAddress).min(1).max(64).describe('PCI addresses of the devices.'),
    methods: z
      .array(z.enum(RESET_METHODS))
      .min(1)
      .max(RESET_METHODS.length)
      .refine((methods) => new Set(methods).size === methods.length, 'must not name a method twice')
      .optional()
      .describe('The reset methods that the kernel may use, in the order in which it is to try them.'),
    keepAwake: z.boolean().default(false).describe('Keep the devices powered: no D3cold, no runtime power management.'),
    identities: z
      .record(pciAddress, deviceIdentity)
      .default({})
      .describe('What must sit at an address, `vendor:device` in hex: refuses when another card has moved there.'),
  })
  .refine(({ methods, keepAwake }) => methods !== undefined || keepAwake, {
    message: 'give methods, keepAwake or both',
    path: ['methods'],
  })

/** Options of gpu-reset as the module sees them: validated and normalised. */
export type GpuResetOptions = z.output<typeof gpuResetOptions>
