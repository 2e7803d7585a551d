import type { Host, PciDevice } from '@janus/core'
import { readDrmNumbers } from '../drm-numbers.js'

const GPUS = '/proc/driver/nvidia/gpus'
const CAPABILITIES = '/dev/nvidia-caps'
/** Documentation/admin-guide/devices.txt: 195 is NVIDIA's; 254 and 255 are modesetting and control. */
const NVIDIA_MAJOR = 195
const CONTROL = [`${NVIDIA_MAJOR}:255`, `${NVIDIA_MAJOR}:254`]
const UVM_MINORS = [0, 1]

/**
 * The device numbers by which a card is held: its own node, those of its DRM devices, and those that all cards share
 * (control, modesetting, unified memory, capabilities).
 * @param released cards that are to be released
 * @param all every card on the driver; what they share counts only when no other card stays
 */
export async function readNvidiaNumbers(
  host: Host,
  released: readonly PciDevice[],
  all: readonly PciDevice[],
): Promise<readonly string[]> {
  const own: string[] = []
  for (const device of released) own.push(...(await minorOf(host, device)), ...(await readDrmNumbers(host, device)))
  const shared = released.length === all.length ? [...CONTROL, ...(await dynamicNumbers(host))] : []
  return [...new Set([...own, ...shared])]
}

async function minorOf(host: Host, { address }: PciDevice): Promise<readonly string[]> {
  const names = (await host.list(GPUS)).value ?? []
  const name = names.find((candidate) => candidate.toLowerCase() === address)
  if (name === undefined) return []
  const information = (await host.readText(`${GPUS}/${name}/information`)).value ?? ''
  const minor = /^Device Minor:\s*(\d{1,3})\s*$/m.exec(information)?.[1]
  return minor === undefined ? [] : [`${NVIDIA_MAJOR}:${minor}`]
}

/** Their majors are given when the modules are loaded, and shown in /proc/devices. */
async function dynamicNumbers(host: Host): Promise<readonly string[]> {
  const text = (await host.readText('/proc/devices')).value ?? ''
  const majorOf = (name: string) => new RegExp(`^ *(\\d+) ${name}$`, 'm').exec(text)?.[1]
  const uvm = majorOf('nvidia-uvm')
  const caps = majorOf('nvidia-caps')
  const minors = ((await host.list(CAPABILITIES)).value ?? []).flatMap(
    (name) => /^nvidia-cap(\d{1,5})$/.exec(name)?.[1] ?? [],
  )
  return [
    ...(uvm === undefined ? [] : UVM_MINORS.map((minor) => `${uvm}:${minor}`)),
    ...(caps === undefined ? [] : minors.map((minor) => `${caps}:${minor}`)),
  ]
}
