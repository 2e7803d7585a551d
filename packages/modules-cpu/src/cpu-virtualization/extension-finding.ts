import { type Finding, type Host, readCpu } from '@janus/core'

const CPUINFO = '/proc/cpuinfo'

/** Whether the processor offers vmx or svm; without it on x86 it is critical. Other architectures have neither. */
export async function extensionFinding(host: Host, architecture: 'x86' | 'other' | 'unknown'): Promise<Finding> {
  const id = 'virtualization-extension'
  if (architecture === 'unknown') {
    return { id, status: 'skipped', summary: 'the host does not show its processor', evidence: [{ path: CPUINFO }] }
  }
  if (architecture === 'other') {
    const summary = 'vmx and svm are extensions of x86, which this host is not'
    return { id, status: 'skipped', summary, evidence: [{ path: CPUINFO }] }
  }
  const { virtualization, vendor, flags } = await readCpu(host)
  if (virtualization !== undefined) {
    const summary = `the processor offers ${virtualization}`
    return { id, status: 'ok', summary, evidence: [{ path: CPUINFO, value: virtualization }] }
  }
  const isGuest = flags.has('hypervisor')
  return {
    id,
    status: 'critical',
    summary: 'the processor offers neither vmx nor svm: virtual machines cannot run at a usable speed',
    evidence: [{ path: CPUINFO, value: isGuest ? 'hypervisor' : `no vmx, no svm (${vendor ?? 'unknown vendor'})` }],
    remedy: isGuest
      ? 'This host is itself a virtual machine: allow nested virtualization on the machine that runs it.'
      : 'Enable Intel VT-x or AMD-V (SVM) in the firmware setup.',
  }
}
