import { type Finding, type Host, type KernelModuleState, readCpu, readKernelModules } from '@janus/core'

/** Whether the KVM modules are there, by their exact names; built in counts as loaded. */
export async function moduleFindings(
  host: Host,
  architecture: 'x86' | 'other' | 'unknown',
): Promise<readonly Finding[]> {
  const [{ vendor }, modules] = await Promise.all([readCpu(host), readKernelModules(host)])
  const names = ['kvm', ...(architecture === 'x86' ? vendorModules(vendor) : [])]
  return names.map((name) => judge(name, modules.state(name)))
}

function vendorModules(vendor: string | undefined): readonly string[] {
  if (vendor === 'GenuineIntel' || vendor === 'CentaurHauls' || vendor === 'Shanghai') return ['kvm_intel']
  if (vendor === 'AuthenticAMD' || vendor === 'HygonGenuine') return ['kvm_amd']
  return ['kvm_intel', 'kvm_amd']
}

function judge(name: string, state: KernelModuleState): Finding {
  const id = `kernel-module-${name.replaceAll('_', '-')}`
  const evidence = [
    { path: `/sys/module/${name}`, ...(state === 'loaded' || state === 'built-in' ? { value: state } : {}) },
  ]
  switch (state) {
    case 'loaded':
      return { id, status: 'ok', summary: `${name} is loaded`, evidence }
    case 'built-in':
      return { id, status: 'ok', summary: `${name} is built into the kernel`, evidence }
    case 'available': {
      const remedy = `Load it with: modprobe ${name}. To have it at every boot, name it in a file in /etc/modules-load.d.`
      return { id, status: 'warn', summary: `${name} is available but not loaded`, evidence, remedy }
    }
    case 'missing': {
      const summary = `${name} is neither loaded nor among the modules of the running kernel`
      const remedy =
        'Install the package with the remaining modules of this kernel, or boot into the installed kernel if it was upgraded.'
      return { id, status: 'warn', summary, evidence, remedy }
    }
    case 'unknown':
      return { id, status: 'skipped', summary: `the host does not show whether ${name} is there`, evidence }
  }
}
