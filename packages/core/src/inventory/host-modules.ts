import type { Host } from '../contract/host.js'
import type { PciDevice } from '../contract/inventory.js'
import { matchesGlob } from './glob.js'
import { readKernelRelease, readModuleList } from './kernel-release.js'
import { kernelModuleName } from './module-name.js'

/**
 * Finds the loadable modules of the running kernel that are made for a device: those that udev loads when it meets it
 * (the `pci:` aliases of modules.alias; `vfio_pci:` ones are only asked for by name). What is built into the kernel is not
 * among them: no file names what it is made for before kernel 6.18.
 * @returns their names, sorted; none also where the host does not show the list
 */
export async function findHostModules(host: Host, device: Pick<PciDevice, 'modalias'>): Promise<readonly string[]> {
  const { modalias } = device
  if (modalias === undefined || !modalias.startsWith('pci:')) return []
  const text = (await readModuleList(host, await readKernelRelease(host), 'modules.alias')) ?? ''
  const modules = new Set<string>()
  for (const [, pattern = '', module = ''] of text.matchAll(/^alias (pci:\S+) ([A-Za-z0-9_-]+)$/gm)) {
    if (matchesGlob(pattern, modalias)) modules.add(kernelModuleName(module))
  }
  return [...modules].sort()
}
