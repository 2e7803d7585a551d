import type { Evidence, Finding, Host } from '@janus/core'
import type { IommuState } from '../iommu-state.js'

const INTERRUPTS = '/proc/interrupts'
const UNSAFE = '/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts'

/**
 * Whether interrupts are remapped: without it VFIO refuses its container with EPERM, unless it is told to allow unsafe
 * interrupts. The names of the interrupt controllers show it (`IR-PCI-MSI`).
 */
export async function remappingFinding(host: Host, state: IommuState): Promise<Finding> {
  const id = 'interrupt-remapping'
  const [interrupts, unsafe] = await Promise.all([host.readText(INTERRUPTS), host.readText(UNSAFE)])
  const chips = chipNames(interrupts.value ?? '')
  const remapped = chips.filter((chip) => chip.startsWith('IR-') || chip.includes('-IR-'))
  if (state.effect !== 'in-effect' || chips.length === 0) {
    const why =
      state.effect === 'none'
        ? 'without an IOMMU in effect no interrupt is remapped'
        : 'the host does not show whether interrupts are remapped'
    return { id, status: 'skipped', summary: why, evidence: [{ path: INTERRUPTS }] }
  }
  const evidence: Evidence[] = [{ path: INTERRUPTS, value: (remapped.length > 0 ? remapped : chips).join(' ') }]
  if (remapped.length > 0) return { id, status: 'ok', summary: 'interrupts are remapped', evidence }
  if (unsafe.value !== undefined) evidence.push({ path: UNSAFE, value: unsafe.value.trim() })
  const isAllowed = unsafe.value?.trim() === 'Y'
  return {
    id,
    status: 'warn',
    summary: isAllowed
      ? 'interrupts are not remapped, and VFIO is told to allow that: a guest can raise any interrupt of the host'
      : 'interrupts are not remapped: VFIO will refuse to give devices to a guest',
    evidence,
    remedy:
      'Enable interrupt remapping in the firmware (with x2APIC), and take intremap=off out of the kernel command line.',
  }
}

/** Names of x86 interrupt controllers; other architectures have none of these, and nothing is concluded there. */
function chipNames(interrupts: string): readonly string[] {
  return [...new Set([...interrupts.matchAll(/\b(?:[A-Z]+-)*(?:PCI-MSIX?|IO-APIC)(?=[-\s])/g)].map(([chip]) => chip))]
}
