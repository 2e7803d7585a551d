import { readdirSync, readFileSync } from 'node:fs'
import type { HugepagePoolSpec, KernelModuleSpec, KernelSpec, PciDeviceSpec } from '../../../src/testing/index.js'

const FOLDER = new URL('../../../../../lab/recorded/', import.meta.url)

/** State of a device in a recording. */
export interface RecordedState {
  readonly driver: string | null
  readonly override: string | null
}

interface RecordedDevice extends RecordedState {
  readonly address: string
  readonly class: string
  readonly vendor: string
  readonly device: string
  readonly subsystemVendor: string
  readonly subsystemDevice: string
  readonly group: string | null
  readonly resetMethod: string | null
  readonly totalVfs: string | null
  readonly bootVga: string | null
  readonly path: string
}

/** One operation and what came of it. */
export interface RecordedAnswer {
  readonly id: number
  readonly operation:
    | { readonly kind: 'write'; readonly path: string; readonly content: string }
    | { readonly kind: 'read'; readonly path: string }
    | { readonly kind: 'load-module' | 'unload-module'; readonly name: string }
    | { readonly kind: 'hold'; readonly address: string; readonly groupOnly?: boolean }
    | { readonly kind: 'observe'; readonly moment: string }
  readonly result: string
  readonly content?: string
  readonly driver?: string | null
  readonly writer?: string
  readonly overrideRead?: string
  readonly subject?: string
  readonly after?: RecordedState | 'absent'
  readonly others?: Readonly<Record<string, { readonly after: RecordedState | 'absent' }>>
}

/** One machine of a recording with everything that was done to it. */
export interface RecordedPart {
  readonly machine: readonly RecordedDevice[]
  readonly drivers: readonly { readonly name: string; readonly module: string | null }[]
  readonly answers: readonly RecordedAnswer[]
}

/** What the lab recorded of one kernel. */
export interface Recording {
  readonly kernel: string
  readonly driverModel: RecordedPart
  readonly withoutIommu: RecordedPart
}

/** Every recording the lab has made so far. */
export function recordings(): readonly Recording[] {
  const names = readdirSync(FOLDER).filter((name) => /^kernel-answers-.*\.json$/.test(name))
  return names.sort().map((name) => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as Recording)
}

/** The recorded machine as a spec of the model. */
export function specOf(part: RecordedPart, kernel: string): KernelSpec {
  const old = kernel.startsWith('6.1.')
  return {
    personality: old ? '6.1' : '6.12',
    release: kernel,
    devices: part.machine.map((device) => deviceSpec(device)),
    modules: [...modulesOf(part), ...VFIO_MODULES],
    hugepages: hugepagesOf(part),
    attributes: {
      '/sys/kernel/mm/transparent_hugepage/enabled': {
        text: 'always',
        accepts: ['always', 'madvise', 'never'],
        selector: true,
      },
      '/proc/irq/default_smp_affinity': { text: '3', accepts: ['1', '2', '3'] },
      '/proc/irq/0/smp_affinity_list': { text: '0-1', refuses: old ? 'EIO' : 'EPERM' },
    },
  }
}

const VFIO_MODULES: readonly KernelModuleSpec[] = [
  { name: 'irqbypass' },
  { name: 'vfio' },
  { name: 'vfio_pci_core', dependsOn: ['vfio', 'irqbypass'] },
  { name: 'vfio_pci', dependsOn: ['vfio_pci_core'], drivers: [{ name: 'vfio-pci', kind: 'vfio' }] },
]

function deviceSpec(device: RecordedDevice): PciDeviceSpec {
  const above = device.path.split('/').slice(0, -1)
  const parent = above.at(-1)
  const functions = Array.from({ length: Number(device.totalVfs ?? 0) }, (_, index): PciDeviceSpec => {
    const { driver: _driver, virtualFunctions: _functions, ...same } = deviceSpec({ ...device, totalVfs: null })
    return { ...same, address: device.address.replace(/\d$/, `${index + 1}`), group: `${100 + index}` }
  })
  return {
    address: device.address,
    vendor: device.vendor.slice(2),
    device: device.device.slice(2),
    class: device.class.slice(2),
    subsystemVendor: device.subsystemVendor.slice(2),
    subsystemDevice: device.subsystemDevice.slice(2),
    bridge: device.class.startsWith('0x0604'),
    ...(parent === undefined || parent.startsWith('pci') ? {} : { parent }),
    ...(device.group === null ? {} : { group: device.group }),
    ...(device.driver === null ? {} : { driver: device.driver }),
    ...(device.resetMethod === null ? {} : { resetMethods: device.resetMethod }),
    ...(functions.length === 0 ? {} : { virtualFunctions: functions }),
  }
}

/** A driver's table is what it was bound to when the recording began. */
function modulesOf(part: RecordedPart): readonly KernelModuleSpec[] {
  return part.drivers.map(({ name, module }) => {
    const bound = part.machine.filter((device) => device.driver === name)
    const ids = [...new Set(bound.map((device) => `${device.vendor.slice(2)}:${device.device.slice(2)}`))]
    const kind = name === 'pcieport' ? 'port' : 'host'
    const driver = { name, ids, kind, sriov: name === 'nvme' } as const
    return {
      name: module ?? name.replaceAll('-', '_'),
      state: module === null ? 'built-in' : 'loaded',
      drivers: [driver],
    }
  })
}

/** How much memory there is for pages is the recorded machine's own; everything else must come out of the rules. */
function hugepagesOf(part: RecordedPart): readonly HugepagePoolSpec[] {
  const reads = part.answers.flatMap(({ operation, content }) => {
    if (operation.kind !== 'read') return []
    const match = /node(\d+)\/hugepages\/hugepages-(\d+)kB\/nr_hugepages$/.exec(operation.path)
    return match === null ? [] : [{ node: Number(match[1]), sizeKiB: Number(match[2]), pages: Number(content) }]
  })
  const pools = new Map<string, HugepagePoolSpec>()
  for (const { node, sizeKiB, pages } of reads) {
    const key = `${node} ${sizeKiB}`
    pools.set(key, { node, sizeKiB, capacity: Math.max(pages, pools.get(key)?.capacity ?? 0) })
  }
  return [...pools.values()]
}
