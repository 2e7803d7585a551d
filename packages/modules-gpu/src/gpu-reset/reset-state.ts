import type { Host, PciDevice } from '@janus/core'

/** How a device can be reset, and how it may sleep. */
export interface ResetState {
  readonly device: PciDevice
  /** Methods in effect, in order; undefined where the kernel shows none (before 5.15, or a device without any). */
  readonly methods: readonly string[] | undefined
  /** True when the kernel offers to reset the function on its own; undefined where a captured host does not say. */
  readonly canReset: boolean | undefined
  /** Other functions on its bus: a bus reset hits them all. */
  readonly neighbours: readonly PciDevice[]
  /** `1` or `0`. */
  readonly coldAllowed: string | undefined
  /** `auto` or `on`. */
  readonly control: string | undefined
  readonly runtimeStatus: string | undefined
}

/**
 * Reads how these devices can be reset (ABI/testing/sysfs-bus-pci) and how they may sleep (ABI/testing/sysfs-devices-power).
 * @param all every device of the host
 */
export async function readResetStates(
  host: Host,
  all: readonly PciDevice[],
  devices: readonly PciDevice[],
): Promise<readonly ResetState[]> {
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
        coldAllowed: await text('d3cold_allowed'),
        control: await text('power/control'),
        runtimeStatus: await text('power/runtime_status'),
      }
    }),
  )
}

/** Virtual functions of a card may lie on the bus of their function: they are reset with it. */
function busOf({ address }: PciDevice): string {
  return address.slice(0, address.lastIndexOf(':'))
}
