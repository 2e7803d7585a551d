import { DEVICE_USE_KINDS, type DeviceUseKind, isVfioDriver } from '@janus/core'
import { pciAddress } from '@janus/core/pci-address'
import * as z from '@janus/core/zod'

type OverridableUse = Exclude<DeviceUseKind, 'virtual-functions'>

/**
 * Uses of a device that a human may insist on overriding, by their name in {@link GpuVfioOptions.allowUse}. Virtual functions are none of them:
 * they are turned off, by an option of their own.
 */
export const OVERRIDABLE_USES: readonly OverridableUse[] = DEVICE_USE_KINDS.filter(
  (kind) => kind !== 'virtual-functions',
)

/** What must sit at an address: `vendor:device`, or with the subsystem's ids. */
export const deviceIdentity = z
  .string()
  .regex(
    /^[0-9a-f]{4}:[0-9a-f]{4}(?::[0-9a-f]{4}:[0-9a-f]{4})?$/,
    'must be vendor:device or vendor:device:subvendor:subdevice, lower-case hex',
  )

/** Options of gpu-vfio. */
export const gpuVfioOptions = z
  .strictObject({
    devices: z
      .array(pciAddress)
      .min(1)
      .max(64)
      .optional()
      .describe('PCI addresses of the devices to bind. Exactly one of `devices` and `group` is given.'),
    group: z
      .string()
      .regex(/^\d{1,9}$/, 'must be the number of an IOMMU group')
      .optional()
      .describe('Number of an IOMMU group: every function in it that is not a bridge is bound.'),
    includeSiblings: z
      .array(pciAddress)
      .max(64)
      .default([])
      .describe('Members of the same IOMMU groups that may be taken from their host driver too, by address.'),
    allowUse: z
      .array(z.enum(OVERRIDABLE_USES))
      .max(OVERRIDABLE_USES.length)
      .default([])
      .describe('Kinds of use by the host that do not stop the binding, because a human insists.'),
    disableVirtualFunctions: z
      .boolean()
      .default(false)
      .describe(
        'Turn off the SR-IOV virtual functions of a physical function first; undoing turns the same number on again.',
      ),
    identities: z
      .record(pciAddress, deviceIdentity)
      .default({})
      .describe('What must sit at an address, `vendor:device` in hex: refuses when another card has moved there.'),
    driver: z
      .string()
      .refine(
        isVfioDriver,
        'must be vfio-pci or the name of a VFIO variant driver (dashes and underscores as the kernel spells it)',
      )
      .optional()
      .describe('VFIO driver to bind to. Default: the variant driver that matches the device, otherwise vfio-pci.'),
  })
  .refine((options) => (options.devices === undefined) !== (options.group === undefined), {
    message: 'give exactly one of devices and group',
    path: ['devices'],
  })

/** Options of gpu-vfio as the module sees them: validated and normalised. */
export type GpuVfioOptions = z.output<typeof gpuVfioOptions>
