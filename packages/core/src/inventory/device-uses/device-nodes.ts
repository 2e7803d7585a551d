import type { Host } from '../../contract/host.js'
import { isPciAddress, type PciAddress } from '../../contract/pci-address.js'
import { listNames, readValue } from '../read-value.js'
import type { UseSurvey } from './use-survey.js'

/** A device node that leads to a PCI device. */
export interface DeviceNode {
  /** Device number `major:minor`. */
  readonly number: string
  readonly name: string
  /** Kernel subsystem that made it: `drm`, `sound`, `block`, `input`, `vfio`. */
  readonly subsystem: string
  /** The path that shows that the number belongs to the device. */
  readonly evidence: string
  readonly addresses: readonly PciAddress[]
}

/** Major number of the proprietary NVIDIA driver, which registers nothing in sysfs (Documentation/admin-guide/devices.txt). */
const NVIDIA_MAJOR = 195
const NVIDIA_GPUS = '/proc/driver/nvidia/gpus'

/** Finds the device nodes of the devices asked about: by sysfs, by what the NVIDIA driver says, and by VFIO group. */
export async function readDeviceNodes(survey: UseSurvey): Promise<readonly DeviceNode[]> {
  const registered = [...(await readRegistered(survey, 'char')), ...(await readRegistered(survey, 'block'))]
  return [...registered, ...(await readNvidia(survey)), ...(await readVfioGroups(survey))]
}

async function readRegistered(survey: UseSurvey, kind: 'char' | 'block'): Promise<readonly DeviceNode[]> {
  const { host } = survey
  const nodes: DeviceNode[] = []
  for (const number of await listNames(host, `/sys/dev/${kind}`)) {
    const evidence = `/sys/dev/${kind}/${number}`
    const path = (await host.readLink(evidence)).value
    const addresses = path === undefined ? [] : survey.ownersOf(path)
    if (path === undefined || addresses.length === 0) continue
    const parts = path.split('/')
    const subsystem = kind === 'block' ? 'block' : subsystemOf(parts)
    nodes.push({ number, name: parts.at(-1) ?? number, subsystem, evidence, addresses })
  }
  return nodes
}

// A class device lies in a directory named like its class; sound cards have a directory of their own in between.
function subsystemOf(parts: readonly string[]): string {
  const known = ['sound', 'drm', 'graphics', 'input', 'hidraw', 'vfio-dev', 'nvme', 'usb_device', 'video4linux', 'tty']
  return known.find((name) => parts.includes(name)) ?? parts.at(-2) ?? ''
}

async function readNvidia({ host, devices }: UseSurvey): Promise<readonly DeviceNode[]> {
  const wanted = new Set<string>(devices.map(({ address }) => address))
  const nodes: DeviceNode[] = []
  for (const name of await listNames(host, NVIDIA_GPUS)) {
    const address = name.toLowerCase()
    if (!isPciAddress(address) || !wanted.has(address)) continue
    const evidence = `${NVIDIA_GPUS}/${name}/information`
    const minor = /^Device Minor:\s*(\d{1,3})\s*$/m.exec((await readValue(host, evidence)) ?? '')?.[1]
    if (minor === undefined) continue
    nodes.push({
      number: `${NVIDIA_MAJOR}:${minor}`,
      name: `nvidia${minor}`,
      subsystem: 'drm',
      evidence,
      addresses: [address],
    })
  }
  return nodes
}

async function readVfioGroups({ host, devices }: UseSurvey): Promise<readonly DeviceNode[]> {
  const groups = new Map<string, PciAddress[]>()
  for (const { address, iommuGroup, driver } of devices) {
    // A member on a host driver cannot be in the hands of the group's owner: the group would not be viable.
    if (iommuGroup === undefined || driver === undefined || !/vfio/.test(driver)) continue
    groups.set(iommuGroup, [...(groups.get(iommuGroup) ?? []), address])
  }
  const nodes: DeviceNode[] = []
  for (const [group, addresses] of groups) {
    const evidence = await vfioNumberPath(host, group)
    const number = await readValue(host, evidence)
    if (number !== undefined) nodes.push({ number, name: `vfio/${group}`, subsystem: 'vfio', evidence, addresses })
  }
  return nodes
}

async function vfioNumberPath(host: Host, group: string): Promise<string> {
  const path = `/sys/class/vfio/${group}/dev`
  return (await host.exists(path)) ? path : `/sys/devices/virtual/vfio/${group}/dev`
}
