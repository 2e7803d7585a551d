import type { TreeInput } from '../file-tree/tree-input.js'
import type { KernelModuleSpec, PciDriverSpec } from './kernel-spec.js'

/** What depmod writes about the modules of a kernel: the files that tell which exist, are built in, and match what. */
export function moduleFiles(release: string, modules: readonly KernelModuleSpec[]): TreeInput {
  const builtIn = modules.filter((module) => module.state === 'built-in')
  const loadable = modules.filter((module) => module.state !== 'built-in')
  const base = `/lib/modules/${release}`
  return {
    [`${base}/modules.builtin`]: builtIn.map((module) => `${fileOf(module.name)}\n`).join(''),
    [`${base}/modules.dep`]: loadable
      .map((module) => `${[`${fileOf(module.name)}:`, ...dependencies(module, loadable)].join(' ')}\n`)
      .join(''),
    [`${base}/modules.alias`]: loadable
      .flatMap((module) => (module.drivers ?? []).flatMap((driver) => aliases(driver, module.name)))
      .join(''),
    ...Object.fromEntries(loadable.map((module) => [`${base}/${fileOf(module.name)}`, ''])),
  }
}

function fileOf(name: string): string {
  return `kernel/drivers/${name.replaceAll('_', '-')}.ko`
}

function dependencies(module: KernelModuleSpec, loadable: readonly KernelModuleSpec[]): readonly string[] {
  const needed = (module.dependsOn ?? []).flatMap((name) => loadable.filter((other) => other.name === name))
  return needed.flatMap((other) => [fileOf(other.name), ...dependencies(other, loadable)])
}

function aliases({ ids = [], kind }: PciDriverSpec, module: string): readonly string[] {
  if (kind === 'vfio' && ids.length === 0) return [`alias vfio_pci:v*d*sv*sd*bc*sc*i* ${module}\n`]
  return ids.map((id) => `alias ${kind === 'vfio' ? 'vfio_pci' : 'pci'}:${pattern(id)} ${module}\n`)
}

function pattern(id: string): string {
  if (id.startsWith('class:')) {
    const code = id.slice('class:'.length)
    return `v*d*sv*sd*bc${code.slice(0, 2)}sc${code.slice(2, 4) || '*'}i${code.slice(4, 6) || '*'}`
  }
  const [vendor = '', device = ''] = id.split(':')
  const wide = (number: string) => number.toUpperCase().padStart(8, '0')
  return `v${wide(vendor)}d${wide(device)}sv*sd*bc*sc*i*`
}
