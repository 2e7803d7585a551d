import { type Host, isVfioDriver, type PciDevice } from '@janus/core'

/** Since 5.19 (drivers/vfio/pci/vfio_pci_core.c: pm_runtime_allow when it registers a device, pm_runtime_forbid when it lets go). */
export const BIND_LETS_SLEEP =
  'a VFIO driver writes power/control=auto when it takes a device: keep it awake after it is bound'

/** How a device can be reset, and how it may sleep. */
export interface ResetState {
  readonly device: PciDevice
  /** Methods in effect, in order; undefined where the kernel shows none (before 5.15, or a device without any). */
  readonly methods: readonly string[] | undefined
  /** True when the kernel offers to reset the function on its own; undefined where a captured host does not say. */
  readonly canReset: boolean | undefined
  /** Other functions on its bus: a bus reset hits them all. */
  readonly neighbours: readonly PciDevice[]
  /** `1` or `0`; this and what follows about sleep is undefined, too, where nobody asked. */
  readonly coldAllowed: string | undefined
  /** `auto` or `on`. */
  readonly control: string | undefined
  readonly runtimeStatus: string | undefined
  /** True when the kernel module vendor-reset is loaded: it answers for `device_specific`, which the kernel found before that. */
  readonly vendorReset: boolean
}

/**
 * Reads how these devices can be reset (ABI/testing/sysfs-bus-pci) and how they may sleep (ABI/testing/sysfs-devices-power).
 * @param all every device of the host
 * @param sleep false to leave out how they may sleep: once a VFIO driver has taken a device, some kernels alone know that, and
 *   a plan that asks for it has to wait for them
 */
export async function readResetStates(
  host: Host,
  all: readonly PciDevice[],
  devices: readonly PciDevice[],
  { sleep }: { readonly sleep: boolean },
): Promise<readonly ResetState[]> {
  const vendorReset = await host.exists('/sys/module/vendor_reset')
  const buses = new Map<string, PciDevice[]>()
  for (const device of all) buses.set(busOf(device), [...(buses.get(busOf(device)) ?? []), device])
  return Promise.all(
    devices.map(async (device) => {
      const text = async (name: string) => (await host.readText(`${device.path}/${name}`)).value?.trim()
      const methods = await text('reset_method')
      return {
        device,
        methods: methods?.split(' ').filter(Boolean),
        canReset: methods !== undefined || host.kind !== 'live' ? undefined : await host.exists(`${device.path}/reset`),
        neighbours: (buses.get(busOf(device)) ?? []).filter((other) => other !== device),
        coldAllowed: sleep ? await text('d3cold_allowed') : undefined,
        control: sleep ? await text('power/control') : undefined,
        runtimeStatus: sleep ? await text('power/runtime_status') : undefined,
        vendorReset,
      }
    }),
  )
}

/** Virtual functions of a card may lie on the bus of their function: they are reset with it. */
function busOf({ address }: PciDevice): string {
  return address.slice(0, address.lastIndexOf(':'))
}

/** True for a device that a VFIO driver has: what power/control says now stays until it lets go. */
export function isOnVfio({ device: { driver } }: ResetState): boolean {
  return driver !== undefined && isVfioDriver(driver)
}
