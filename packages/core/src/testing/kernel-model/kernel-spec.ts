import type { QueryAnswer, QueryName } from '../../contract/query.js'
import type { TreeInput } from '../file-tree/tree-input.js'

/**
 * Which kernel is imitated. `6.1`: driver_override is read and written under the device's lock, so that both hang while
 * the device is being bound or unbound. `6.12`: it has a lock of its own.
 */
export type KernelPersonality = '6.1' | '6.12'

/** A PCI function of the model. Numbers are lower-case hex without `0x`. */
export interface PciDeviceSpec {
  /** Canonical address. */
  readonly address: string
  readonly vendor: string
  readonly device: string
  /** Six digits. */
  readonly class: string
  readonly subsystemVendor?: string
  readonly subsystemDevice?: string
  readonly revision?: string
  /** Address of the bridge above. Default: it sits on the root bus. */
  readonly parent?: string
  /** Root bus it is below, `0000:80`; with a `parent` one that this makes itself, as a VMD controller does. Default: domain and bus of the topmost device of its branch. */
  readonly rootBus?: string
  /** IOMMU group. Absent: the IOMMU does not know it. */
  readonly group?: string
  /** Header type 1: a bridge, which vfio-pci refuses. */
  readonly bridge?: boolean
  /** Driver it is bound to at the start. */
  readonly driver?: string
  /** Driver override at the start. */
  readonly override?: string
  readonly numaNode?: number
  /** Content of `boot_vga`; absent: the attribute does not exist. */
  readonly bootDisplay?: boolean
  /** Names in `reset_method`, separated by spaces. Absent: the attribute does not exist. */
  readonly resetMethods?: string
  /** Methods that a module brings while it is loaded (vendor-reset): they are not in `reset_method` by themselves, and taken when written. */
  readonly moduleResetMethods?: { readonly module: string; readonly methods: string }
  /** How it may save power at the start. Default: `control` is `on`, D3cold is allowed. */
  readonly power?: { readonly control?: 'auto' | 'on'; readonly d3coldAllowed?: boolean }
  /** Makes it an SR-IOV physical function with these virtual functions, enabled in order. */
  readonly virtualFunctions?: readonly PciDeviceSpec[]
  /** More attributes, relative to its directory. */
  readonly files?: TreeInput
  /** What is there only while a driver is bound: relative to its directory, or absolute. */
  readonly whileBound?: Readonly<Record<string, TreeInput>>
  /** Drivers whose probe of it fails, with the errno. */
  readonly probeErrors?: Readonly<Record<string, string>>
}

/** A PCI driver of the model. */
export interface PciDriverSpec {
  readonly name: string
  /** `vfio`: matches by override only, needs a group, blocks its unbind. `port`: may stay in a group that VFIO owns. */
  readonly kind?: 'host' | 'port' | 'vfio'
  /** What it matches by itself: `8086:10d3`, or the beginning of a class, `class:0108`. */
  readonly ids?: readonly string[]
  /** Can create virtual functions. */
  readonly sriov?: boolean
}

/** A kernel module of the model. */
export interface KernelModuleSpec {
  /** With underscores. */
  readonly name: string
  readonly drivers?: readonly PciDriverSpec[]
  readonly dependsOn?: readonly string[]
  /** `built-in`: part of the kernel. Default: not loaded. */
  readonly state?: 'loaded' | 'built-in' | 'unloaded'
  /** Loading it fails: missing, forbidden by modprobe.d, refused by lockdown. */
  readonly refused?: string
  readonly parameters?: Readonly<Record<string, string>>
  /** Those of its parameters that can be written while it is loaded; one that reads `Y` or `N` takes 1 and 0 too, and nothing else. */
  readonly writableParameters?: readonly string[]
  /** What is there only while it is loaded. Absolute paths. */
  readonly whileLoaded?: TreeInput
}

/** Pages that a node can give of one size. */
export interface HugepagePoolSpec {
  readonly node: number
  /** Kibibytes: 2048, 1048576. */
  readonly sizeKiB: number
  /** Most pages the node's memory can be made into. */
  readonly capacity: number
  readonly pages?: number
  /** Pages some program uses: they stay as surplus when the pool is made smaller. */
  readonly inUse?: number
}

/** The console on the framebuffer that the firmware set up. */
export interface FirmwareConsoleSpec {
  /** Platform driver of the framebuffer; its device is `<driver>.0`. */
  readonly driver: 'efi-framebuffer' | 'simple-framebuffer' | 'vesa-framebuffer'
  /** PCI address of the display in whose memory it lies. */
  readonly device: string
  /** Name of its region in `/proc/iomem`: `efifb`, `vesafb`, `simpledrm`. */
  readonly owner: string
  /** Name in `/proc/fb`: `EFI VGA`. */
  readonly name: string
  /** What binding it again answers: an errno, as efifb on many machines. Default: ok. */
  readonly rebind?: string
}

/** What `/sys/devices/system/cpu/smt/control` says. */
export type SmtControl = 'on' | 'off' | 'forceoff' | 'notsupported' | 'notimplemented'

/** The processors of a machine, and which of them share a core. */
export interface ProcessorsSpec {
  /** The threads of each core, the first one its primary: `[[0, 2], [1, 3]]`. */
  readonly cores: readonly (readonly number[])[]
  readonly offline?: readonly number[]
  /** Those that cannot be taken offline now (EBUSY): something of the kernel refuses. */
  readonly refusing?: readonly number[]
  /** Default: `on` where a core has several threads, otherwise `notsupported`. */
  readonly smt?: SmtControl
  /** How many interrupts each of them can handle: one more is answered with ENOSPC. Default: as many as there are. */
  readonly vectors?: number
}

/** An interrupt of the model. */
export interface InterruptSpec {
  readonly number: number
  /** Processors it may go to, as a list: `0-3`. */
  readonly affinity: string
  /** Names of its handlers, separated by commas. Default: nobody has asked for it. */
  readonly actions?: string
  /** Default: `IR-PCI-MSI`. */
  readonly chip?: string
  /** The kernel spreads it itself, as the queues of NVMe; its affinity cannot be set. */
  readonly managed?: boolean
  /** Its affinity cannot be set at all: the timer, the cascade. */
  readonly fixed?: boolean
  /** Address of the PCI function whose message it is. */
  readonly device?: string
}

/** Processors whose frequency is set together, and by which driver. */
export interface FrequencyPolicySpec {
  /** All of them, the first one names the policy. */
  readonly cpus: readonly number[]
  /** `acpi-cpufreq`, `intel_pstate` (active), `intel_cpufreq`, `amd-pstate-epp` (active), `amd-pstate`. */
  readonly driver: string
  readonly governor: string
  /** Governors that are part of the kernel or of the driver; those of loaded modules `cpufreq_<name>` come on top. */
  readonly governors: readonly string[]
  /** Energy performance preference at the start, and which there are. Absent: the driver has none. */
  readonly preference?: string
  readonly preferences?: readonly string[]
  /** Whether it may go beyond its base frequency by a switch of its own (from 6.11 on), which the common one overwrites. Absent: it has none. */
  readonly boost?: boolean
  /** Defaults of the tunables of governors, by governor. */
  readonly tunables?: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/** A task of the cgroup tree. */
export interface CgroupTaskSpec {
  readonly pid: number
  readonly name: string
  /** Name of a group below the root. Default: the root itself. */
  readonly group?: string
  /** `bound`: the kernel keeps it where it is. Absent: a process. */
  readonly kernelThread?: 'bound' | 'movable'
  /** Where it may run whatever its group has: a thread that belongs to a processor. */
  readonly processors?: readonly number[]
}

/** A cgroup v2 tree with the controller cpuset. */
export interface CgroupsSpec {
  /** Processors that are online, `0-3`. */
  readonly online: string
  /** How many processors there can be; from there on a list is out of range. Default: those that are online. */
  readonly possible?: number
  /** Controllers of the root. Default: all that Debian's kernel has. */
  readonly controllers?: readonly string[]
  /** Controllers of the groups below the root. Default: none. */
  readonly enabled?: readonly string[]
  /** Groups below the root at the start, by name. */
  readonly groups?: Readonly<
    Record<
      string,
      { readonly cpus?: string; readonly partition?: 'isolated' | 'root'; readonly enabled?: readonly string[] }
    >
  >
  readonly tasks?: readonly CgroupTaskSpec[]
}

/** An attribute with a rule of its own for what it takes. */
export interface AttributeSpec {
  readonly text: string
  readonly mode?: number
  /** Values it takes, without newline; anything else is EINVAL. Default: every value. */
  readonly accepts?: readonly string[]
  /** Prints every value it takes with the chosen one in brackets. */
  readonly selector?: boolean
  /** Every write fails with this errno. */
  readonly refuses?: string
}

/** Canned answers of queries; a function gets the query's input. */
export type QueryAnswers = {
  readonly [Name in QueryName]?: QueryAnswer<Name> | ((input: unknown) => QueryAnswer<Name>)
}

/** A machine to imitate. */
export interface KernelSpec {
  readonly personality?: KernelPersonality
  readonly devices?: readonly PciDeviceSpec[]
  readonly modules?: readonly KernelModuleSpec[]
  readonly hugepages?: readonly HugepagePoolSpec[]
  /** Absent: there is no cgroup tree. */
  readonly cgroups?: CgroupsSpec
  /** Absent: the machine has no console of its firmware, and shows no virtual consoles. */
  readonly firmwareConsole?: FirmwareConsoleSpec
  /** Default: the machine shows no processors, and then no interrupts and no policies. */
  readonly processors?: ProcessorsSpec
  readonly interrupts?: readonly InterruptSpec[]
  readonly frequencyPolicies?: readonly FrequencyPolicySpec[]
  /** Whether the processors may go beyond their base frequency. Absent: there is no such switch. */
  readonly boost?: boolean
  readonly attributes?: Readonly<Record<string, AttributeSpec>>
  /** Regular files, directories and links outside of the kernel's own. */
  readonly files?: TreeInput
  /** Names in `/sys/class/iommu`. Default: `dmar0` when any device has a group. */
  readonly iommus?: readonly string[]
  readonly release?: string
  readonly bootId?: string
  readonly query?: QueryAnswers
  /**
   * When a blocked order counts as hung: at once, which is what most tests want, or after the deadline it was given, in
   * real milliseconds.
   */
  readonly hangs?: 'at-once' | 'after-deadline'
}
