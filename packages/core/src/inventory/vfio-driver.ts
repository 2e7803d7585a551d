import type { Host } from '../contract/host.js'
import type { PciDevice } from '../contract/inventory.js'
import { matchesGlob } from './glob.js'
import { readKernelRelease, readModuleList } from './kernel-release.js'
import { kernelModuleName } from './module-name.js'
import { listNames } from './read-value.js'

/** The VFIO driver for a device. */
export interface VfioDriverChoice {
  /** Name of the driver, as `driver_override` takes it. */
  readonly driver: string
  /** Name of the kernel module that brings it. */
  readonly module: string
  /** True for a driver made for this device (migration, special memory), false for vfio-pci itself. */
  readonly variant: boolean
}

const PLAIN: VfioDriverChoice = { driver: 'vfio-pci', module: 'vfio_pci', variant: false }

/** Drivers that are not named like their module; the others are (`.name = KBUILD_MODNAME`). */
const DRIVER_NAMES: Readonly<Record<string, string>> = {
  vfio_pci: 'vfio-pci',
  hisi_acc_vfio_pci: 'hisi-acc-vfio-pci',
}

/**
 * Finds the VFIO driver that fits a device best: of the `vfio_pci:` aliases in modules.alias that match it, the one with
 * the fewest wildcards (as libvirt chooses); vfio-pci when there is none.
 */
export async function findVfioDriver(host: Host, device: Pick<PciDevice, 'modalias'>): Promise<VfioDriverChoice> {
  const { modalias } = device
  if (modalias === undefined || !modalias.startsWith('pci:')) return PLAIN
  const text = await readModuleList(host, await readKernelRelease(host), 'modules.alias')
  const module = bestAlias(parseVfioAliases(text ?? ''), `vfio_${modalias}`)
  if (module === undefined || module === PLAIN.module) return PLAIN
  return { driver: await driverOf(host, module), module, variant: true }
}

/** One `alias vfio_pci:…` line of modules.alias. */
export interface VfioAlias {
  readonly pattern: string
  readonly module: string
}

/** The `vfio_pci:` aliases of a modules.alias. */
export function parseVfioAliases(text: string): VfioAlias[] {
  const aliases: VfioAlias[] = []
  for (const [, pattern, module] of text.matchAll(/^alias (vfio_pci:\S+) ([A-Za-z0-9_-]+)$/gm)) {
    if (pattern !== undefined && module !== undefined) aliases.push({ pattern, module: kernelModuleName(module) })
  }
  return aliases
}

function bestAlias(aliases: readonly VfioAlias[], wanted: string): string | undefined {
  const matching = aliases.filter(({ pattern }) => matchesGlob(pattern, wanted))
  const [best] = matching.sort((a, b) => wildcards(a.pattern) - wildcards(b.pattern))
  return best?.module
}

function wildcards(pattern: string): number {
  return pattern.split('*').length - 1
}

async function driverOf(host: Host, module: string): Promise<string> {
  const names = await listNames(host, `/sys/module/${module}/drivers`)
  const registered = names.find((name) => name.startsWith('pci:'))?.slice('pci:'.length)
  return registered ?? DRIVER_NAMES[module] ?? module
}
