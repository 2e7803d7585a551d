import {
  type DescriptorHolder,
  type Host,
  type KernelModuleState,
  type KernelModules,
  type Query,
  readCpu,
  readKernelModules,
} from '@janus/core'
import { readArchitecture } from '../architecture.js'
import { readText } from '../read-text.js'
import { type ModuleParameters, readModuleParameters } from './module-parameters.js'

/** The device through which programs use KVM. */
export const DEVICE = '/dev/kvm'

/** Flags of the CPUID leaf 0x8000000a, which is there only on processors with svm. */
const PARTS_OF_SVM = ['npt', 'nrip_save', 'svm_lock', 'vmcb_clean']

/** What is known of KVM on a host. */
export interface Survey {
  readonly host: Host
  readonly architecture: 'x86' | 'other' | 'unknown'
  readonly extension: 'vmx' | 'svm' | undefined
  readonly isGuest: boolean
  /**
   * The processor shows what belongs to svm and not svm itself: the kernel takes that away alone when the firmware has
   * switched it off (arch/x86/kernel/cpu/amd.c, init_amd). vmx goes with all that belongs to it (feat_ctl.c).
   */
  readonly isSwitchedOff: boolean
  /** The module for the processor's vendor: `kvm_intel` or `kvm_amd`; undefined where the vendor is not known. */
  readonly module: string | undefined
  readonly modules: KernelModules
  readonly state: KernelModuleState
  readonly kvmState: KernelModuleState
  readonly kvm: ModuleParameters
  readonly vendor: ModuleParameters
  /** How often the vendor's module is in use; undefined where it has no count, because it is built in. */
  readonly references: number | undefined
  readonly holders: readonly DescriptorHolder[]
}

/** Reads all of it. */
export async function surveyKvm(host: Host, query: Query): Promise<Survey> {
  const [architecture, cpu, modules] = await Promise.all([
    readArchitecture(host),
    readCpu(host),
    readKernelModules(host),
  ])
  const module = vendorModule(cpu.vendor)
  const [kvm, vendor, references, holders] = await Promise.all([
    readModuleParameters(host, 'kvm'),
    module === undefined ? new Map<string, string>() : readModuleParameters(host, module),
    module === undefined ? undefined : readReferences(host, module, modules),
    readHolders(host, query),
  ])
  return {
    host,
    architecture,
    extension: cpu.virtualization,
    isGuest: cpu.flags.has('hypervisor'),
    isSwitchedOff: cpu.virtualization === undefined && PARTS_OF_SVM.some((flag) => cpu.flags.has(flag)),
    module,
    modules,
    state: module === undefined ? 'unknown' : modules.state(module),
    kvmState: modules.state('kvm'),
    kvm,
    vendor,
    references,
    holders,
  }
}

function vendorModule(vendor: string | undefined): string | undefined {
  if (vendor === 'AuthenticAMD' || vendor === 'HygonGenuine') return 'kvm_amd'
  if (vendor === 'GenuineIntel' || vendor === 'CentaurHauls' || vendor === '  Shanghai  ' || vendor === 'Shanghai')
    return 'kvm_intel'
  return undefined
}

async function readReferences(host: Host, module: string, modules: KernelModules): Promise<number | undefined> {
  const count = await readText(host, `/sys/module/${module}/refcnt`)
  return count !== undefined && /^\d+$/.test(count) ? Number(count) : modules.referenceCount(module)
}

async function readHolders(host: Host, query: Query): Promise<readonly DescriptorHolder[]> {
  const device = (await host.stat(DEVICE)).value?.device
  if (device === undefined) return []
  const answer = await query('descriptor-holders', { devices: [device] })
  return answer.available ? answer.holders : []
}
