import { type Host, keepsGroupViable, type PciDevice } from '@janus/core'

/** A physical function and the virtual functions that it has now. */
export interface EnabledFunctions {
  readonly device: PciDevice
  /** How many are on. */
  readonly enabled: number
  readonly functions: readonly PciDevice[]
  /** Whether drivers may look at them by themselves; undefined where the kernel does not say. */
  readonly autoprobe: boolean | undefined
}

/** Path of the switch that says whether drivers may look at the virtual functions of a device (ABI/testing/sysfs-bus-pci). */
export function autoprobePath({ path }: PciDevice): string {
  return `${path}/sriov_drivers_autoprobe`
}

/** Reads whether drivers may look at the virtual functions of a device by themselves; undefined where the kernel does not say. */
export async function readAutoprobe(host: Host, device: PciDevice): Promise<boolean | undefined> {
  const text = (await host.readText(autoprobePath(device))).value?.trim()
  return text === undefined ? undefined : text === '1'
}

/** The functions that a driver of the host has: what is on VFIO, or reserved, is none of them. */
export function functionsOfHost({ functions }: Pick<EnabledFunctions, 'functions'>): readonly PciDevice[] {
  return functions.filter(({ driver }) => !keepsGroupViable(driver))
}
