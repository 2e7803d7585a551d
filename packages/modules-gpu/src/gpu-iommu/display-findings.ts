import type { Finding, Host, PciDevice } from '@janus/core'
import { addressInId, deviceWords } from '../device-words.js'
import type { IommuState } from '../iommu-state.js'
import { listWords } from '../list-words.js'

/** How many display controllers there are, and what that means for giving one away. */
export function displayCount(host: Host, devices: readonly PciDevice[]): Finding {
  const id = 'display-controllers'
  const displays = devices.filter(({ isDisplay }) => isDisplay)
  const evidence = displays.map(({ path, class: code }) => ({ path: `${path}/class`, value: `0x${code}` }))
  if (devices.length === 0 && host.kind !== 'live') {
    return {
      id,
      status: 'skipped',
      summary: 'the captured host shows no PCI devices',
      evidence: [{ path: '/sys/bus/pci/devices' }],
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
  const [only] = displays
  if (only === undefined) {
    const summary = 'no display controller on the PCI bus: there is none to give to a guest'
    return {
      id,
      status: 'warn',
      summary,
      evidence: [{ path: '/sys/bus/pci/devices', value: `${devices.length} devices` }],
      remedy: 'Other kinds of devices can be given to a guest all the same.',
    }
  }
  const summary = `one display controller: while a guest has ${deviceWords(only)}, the host has none`
  return {
    id,
    status: 'warn',
    summary,
    evidence,
    remedy:
      'Have another way into the host, such as ssh, or share the display with the guest instead of giving it away.',
  }
}

/** For every display controller: what else is in its group and would be dragged along. Bridges are not. */
export function isolationFindings(devices: readonly PciDevice[], state: IommuState): readonly Finding[] {
  return devices
    .filter(({ isDisplay }) => isDisplay)
    .map((display) => ({ id: `isolation-${addressInId(display)}`, ...judge(display, devices, state) }))
}

function judge(display: PciDevice, devices: readonly PciDevice[], state: IommuState): Omit<Finding, 'id'> {
  const path = `${display.path}/iommu_group`
  if (display.iommuGroup === undefined) {
    if (state.effect !== 'in-effect')
      return {
        status: 'skipped',
        summary: `${deviceWords(display)}: no group is shown, there is nothing to judge`,
        evidence: [{ path }],
      }
    const summary = `${deviceWords(display)} is outside of the IOMMU and cannot be given to a guest`
    return {
      status: 'warn',
      summary,
      evidence: [{ path }],
      remedy: 'Move the card to another slot, or look for a firmware setting that exempts this port.',
    }
  }
  const group = display.iommuGroup
  const others = devices.filter(
    (other) => other.iommuGroup === group && other.address !== display.address && !isBridge(other),
  )
  const [own, strangers] = [
    others.filter((other) => slotOf(other) === slotOf(display)),
    others.filter((other) => slotOf(other) !== slotOf(display)),
  ]
  const evidence = [
    { path, value: group },
    ...others.map(({ address, class: code }) => ({
      path: `/sys/kernel/iommu_groups/${group}/devices/${address}`,
      value: `class 0x${code}`,
    })),
  ]
  if (strangers.length === 0) {
    const along =
      own.length === 0
        ? 'alone'
        : `with its own ${own.length === 1 ? 'function' : 'functions'} ${listWords(own.map(deviceWords))}`
    return { status: 'ok', summary: `${deviceWords(display)} is in IOMMU group ${group} ${along}`, evidence }
  }
  const summary = `${deviceWords(display)} shares IOMMU group ${group}: ${listWords(strangers.map(deviceWords))} would have to go with it`
  const chipset = strangers.filter(({ role }) => role === 'chipset')
  const detail =
    chipset.length === 0
      ? {}
      : {
          detail: `${listWords(chipset.map(deviceWords))} belongs to the chipset, so this group cannot be given away at all`,
        }
  return {
    status: 'warn',
    summary,
    ...detail,
    evidence,
    remedy: 'Move the card to a slot with a group of its own; the groups are made by the hardware.',
  }
}

function isBridge({ role }: PciDevice): boolean {
  return role === 'bridge' || role === 'host-bridge'
}

function slotOf({ address }: PciDevice): string {
  return address.slice(0, address.lastIndexOf('.'))
}
