import type { Evidence } from '@janus/core'
import { deviceWords } from '../../device-words.js'
import type { Refusal } from '../refusal.js'
import type { Survey } from '../survey.js'
import type { Target } from '../targets.js'

/**
 * Refuses a device whose VFIO driver cannot be had or does not take it, and one whose driver override cannot be known.
 * All of this is asked before anything is unbound.
 */
export async function refuseDriver(survey: Survey, target: Target): Promise<readonly Refusal[]> {
  if (target.isBound) return []
  return [
    ...(await refuseModule(survey, target)),
    ...(await refuseDenyListed(survey, target)),
    ...refuseOverride(target),
  ]
}

async function refuseModule(survey: Survey, target: Target): Promise<readonly Refusal[]> {
  const { host, kernelModules } = survey
  const { device, vfio } = target
  const directory = directoryOf(target)
  if (await host.exists(directory)) return []
  const state = kernelModules.state(vfio.module)
  if (state === 'loaded' || state === 'built-in') return []
  const forbidden = refuseForbidden(survey, target)
  if (forbidden.length > 0) return forbidden
  if (state !== 'missing') return []
  const release = (await host.readText('/proc/sys/kernel/osrelease')).value?.trim()
  const modules = `/lib/modules/${release ?? '<release>'}`
  const isUpgraded = release !== undefined && !(await host.exists(modules))
  return [
    {
      reason: 'driver-missing',
      device: device.address,
      summary: `${deviceWords(device)} needs ${vfio.driver}, which is neither loaded nor among the modules of the running kernel`,
      evidence: [
        { path: directory },
        { path: `/sys/module/${vfio.module}` },
        { path: modules, ...(isUpgraded ? {} : { value: `no ${vfio.module}` }) },
      ],
      remedy: isUpgraded
        ? 'The modules of the running kernel are gone, as after an upgrade: boot into the installed kernel.'
        : 'Install the package with the remaining modules of this kernel, or boot a kernel with CONFIG_VFIO_PCI.',
    },
  ]
}

/** Refuses a driver that the configuration forbids to load, whether or not it is loaded now. */
export function refuseForbidden({ kernelModules }: Survey, target: Target): readonly Refusal[] {
  const { device, vfio } = target
  const blacklisted = kernelModules.blacklisted(vfio.module)
  if (blacklisted === undefined) return []
  const summary = `${deviceWords(device)} needs ${vfio.driver}, which ${blacklisted} forbids to load`
  const evidence = [{ path: directoryOf(target) }, placeOf(blacklisted)]
  const remedy = `Take ${vfio.module} out of ${blacklisted}.`
  return [{ reason: 'driver-blacklisted', device: device.address, summary, evidence, remedy }]
}

function directoryOf({ vfio }: Target): string {
  return `/sys/bus/pci/drivers/${vfio.driver}`
}

/** A place such as `/etc/modprobe.d/x.conf:3`, or a kernel parameter, as evidence. */
function placeOf(place: string): Evidence {
  const [, path, line] = /^(\/.*):(\d+)$/.exec(place) ?? []
  return path === undefined ? { path: '/proc/cmdline', value: place } : { path, value: `line ${line}` }
}

async function refuseDenyListed({ host }: Survey, { device, vfio }: Target): Promise<readonly Refusal[]> {
  if (vfio.driver !== 'vfio-pci' || device.vendor !== '8086' || !DENY_LISTED.has(device.device)) return []
  const parameter = '/sys/module/vfio_pci/parameters/disable_denylist'
  const value = (await host.readText(parameter)).value?.trim()
  if (value === 'Y') return []
  return [
    {
      reason: 'deny-listed',
      device: device.address,
      summary: `${deviceWords(device)} is on the deny list of vfio-pci: it is known to be unsafe to give to a guest`,
      evidence: [
        { path: `${device.path}/device`, value: `0x${device.device}` },
        { path: parameter, ...(value === undefined ? {} : { value }) },
      ],
      remedy: 'Load vfio-pci with disable_denylist=1 only if every user of the guest is trusted.',
    },
  ]
}

function refuseOverride({ device, override }: Target): readonly Refusal[] {
  if (override.problem === undefined) return []
  const cause =
    override.problem === 'timeout'
      ? 'the kernel does not answer: an operation on this device is still running'
      : override.problem === 'absent'
        ? 'it does not exist: the kernel is older than 3.16'
        : override.problem
  return [
    {
      reason: 'override-unreadable',
      device: device.address,
      summary: `${deviceWords(device)}: its driver override cannot be read: ${cause}`,
      evidence: [{ path: override.path, ...(override.problem === 'absent' ? {} : { value: override.problem }) }],
      remedy: 'End what holds the device, then run `janus recover`; as another user than root, use sudo.',
    },
  ]
}

/** Intel QAT C3xxx, C62x and DH895xCC with their virtual functions, DSA and IAX (drivers/vfio/pci/vfio_pci.c). */
const DENY_LISTED: ReadonlySet<string> = new Set(['19e2', '19e3', '37c8', '37c9', '0435', '0443', '0b25', '0cfe'])
