import type { Finding, KernelModuleState } from '@janus/core'
import type { Survey } from '../survey.js'

const NEEDED = ['vfio', 'vfio_pci', 'vfio_iommu_type1'] as const

/** Whether the kernel modules that VFIO needs are there, by their exact names; built in counts as loaded. */
export async function moduleFindings({ host, kernelModules }: Survey): Promise<readonly Finding[]> {
  const hasDriver = await host.exists('/sys/bus/pci/drivers/vfio-pci')
  return NEEDED.map((name) => {
    const state =
      name === 'vfio_pci' && hasDriver && kernelModules.state(name) === 'unknown' ? 'loaded' : kernelModules.state(name)
    return judge(name, state, kernelModules.blacklisted(name))
  })
}

function judge(name: string, state: KernelModuleState, blacklisted: string | undefined): Finding {
  const id = `kernel-module-${name.replaceAll('_', '-')}`
  const evidence = [
    { path: `/sys/module/${name}`, ...(state === 'loaded' || state === 'built-in' ? { value: state } : {}) },
  ]
  switch (state) {
    case 'loaded':
    case 'built-in':
      return {
        id,
        status: 'ok',
        summary: `${name} is ${state === 'loaded' ? 'loaded' : 'built into the kernel'}`,
        evidence,
      }
    case 'available': {
      if (blacklisted !== undefined) {
        const summary = `${name} is not loaded, and ${blacklisted} forbids to load it`
        return { id, status: 'warn', summary, evidence, remedy: `Take ${name} out of ${blacklisted}.` }
      }
      const remedy = `A binding loads what it needs; to load it now: modprobe ${name}.`
      return { id, status: 'warn', summary: `${name} is available but not loaded`, evidence, remedy }
    }
    case 'missing': {
      const remedy =
        'Install the package with the remaining modules of this kernel, or boot into the installed kernel if it was upgraded.'
      return {
        id,
        status: 'warn',
        summary: `${name} is neither loaded nor among the modules of the running kernel`,
        evidence,
        remedy,
      }
    }
    case 'unknown':
      return { id, status: 'skipped', summary: `the host does not show whether ${name} is there`, evidence }
  }
}
