import type { Finding, Host, PciDevice } from '@janus/core'
import { boundedEvidence } from '../bounded.js'
import { deviceWords } from '../device-words.js'
import { listWords } from '../list-words.js'

const PCI_DEVICES = '/sys/bus/pci/devices'

/** How many display controllers there are, and what that means for giving one away. */
export function displayCount(host: Host, devices: readonly PciDevice[]): Finding {
  const id = 'display-controllers'
  if (devices.length === 0 && host.kind !== 'live') {
    return {
      id,
      status: 'skipped',
      summary: 'the captured host shows no PCI devices',
      evidence: [{ path: PCI_DEVICES }],
    }
  }
  const displays = devices.filter(({ isDisplay }) => isDisplay)
  const evidence = boundedEvidence(
    displays.map(({ path, class: code }) => ({ path: `${path}/class`, value: `0x${code}` })),
  )
  const [only] = displays
  if (only === undefined) {
    return {
      id,
      status: 'warn',
      summary: 'no display controller on the PCI bus: there is none to give to a guest',
      evidence: [{ path: PCI_DEVICES, value: `${devices.length} devices` }],
      remedy: 'Other kinds of devices can be given to a guest all the same.',
    }
  }
  if (displays.length >= 2) {
    return {
      id,
      status: 'ok',
      summary: `${displays.length} display controllers: ${listWords(displays.map(deviceWords))}`,
      evidence,
    }
  }
  return {
    id,
    status: 'warn',
    summary: `one display controller: while a guest has ${deviceWords(only)}, the host has none`,
    evidence,
    remedy:
      'Have another way into the host, such as ssh, or share the display with the guest instead of giving it away.',
  }
}
