import { pciAddress } from '@janus/core/pci-address'
import * as z from '@janus/core/zod'
import { deviceIdentity } from '../gpu-vfio/options.js'

const MOST_FUNCTIONS = 65_535

/** Options of gpu-sriov. */
export const gpuSriovOptions = z.strictObject({
  devices: z.array(pciAddress).min(1).max(64).describe('PCI addresses of the physical functions.'),
  functions: z
    .int()
    .min(0)
    .max(MOST_FUNCTIONS)
    .describe('How many virtual functions each of them is to have; 0 turns them off.'),
  persistent: z
    .boolean()
    .default(false)
    .describe('Set the number at every boot too, by a udev rule that names the device as well as its address.'),
  identities: z
    .record(pciAddress, deviceIdentity)
    .default({})
    .describe('What must sit at an address, `vendor:device` in hex: refuses when another card has moved there.'),
})

/** Options of gpu-sriov as the module sees them: validated and normalised. */
export type GpuSriovOptions = z.output<typeof gpuSriovOptions>
