import type { Evidence, Finding, PciDevice } from '@janus/core'
import { boundedEvidence } from '../bounded.js'
import { addressInId, deviceWords } from '../device-words.js'
import { groupMembers } from '../group-members.js'
import { IOMMU_GROUPS, type IommuState } from '../iommu-state.js'
import { listWords } from '../list-words.js'
import { slotOf } from '../slot-of.js'

/** For every display controller: what else is in its group and would be dragged along. Bridges are not. */
export function isolationFindings(devices: readonly PciDevice[], state: IommuState): readonly Finding[] {
  const groups = groupMembers(devices)
  return devices
    .filter(({ isDisplay }) => isDisplay)
    .map((display) => {
      const id = `isolation-${addressInId(display)}`
      if (display.iommuGroup === undefined) return { id, ...judgeWithoutGroup(display, state) }
      const members = groups.get(display.iommuGroup) ?? []
      return { id, ...judgeGroup(display, display.iommuGroup, members) }
    })
}

function judgeWithoutGroup(display: PciDevice, { effect }: IommuState): Omit<Finding, 'id'> {
  const evidence = [{ path: `${display.path}/iommu_group` }]
  if (effect !== 'in-effect') {
    const summary = `${deviceWords(display)}: no group is shown, there is nothing to judge`
    return { status: 'skipped', summary, evidence }
  }
  const summary = `${deviceWords(display)} is outside of the IOMMU and cannot be given to a guest`
  const remedy = 'Move the card to another slot, or look for a firmware setting that exempts this port.'
  return { status: 'warn', summary, evidence, remedy }
}

function judgeGroup(display: PciDevice, group: string, members: readonly PciDevice[]): Omit<Finding, 'id'> {
  const others = members.filter((member) => member.address !== display.address && !isBridge(member))
  const strangers = others.filter((other) => slotOf(other) !== slotOf(display))
  const evidence = boundedEvidence([
    { path: `${display.path}/iommu_group`, value: group },
    ...others.map((other) => memberEvidence(group, other)),
  ])
  if (strangers.length === 0) {
    const along =
      others.length === 0 ? 'alone' : `with functions of the same card: ${listWords(others.map(deviceWords))}`
    return { status: 'ok', summary: `${deviceWords(display)} is in IOMMU group ${group} ${along}`, evidence }
  }
  const chipset = strangers.filter(({ role }) => role === 'chipset').map(deviceWords)
  return {
    status: 'warn',
    summary: `${deviceWords(display)} shares IOMMU group ${group}: ${listWords(strangers.map(deviceWords))} would have to go with it`,
    ...(chipset.length === 0
      ? {}
      : { detail: `The group cannot be given away at all: ${listWords(chipset)} is part of the chipset.` }),
    evidence,
    remedy: 'Move the card to a slot with a group of its own; the groups are made by the hardware.',
  }
}

function memberEvidence(group: string, { address, class: code }: PciDevice): Evidence {
  return { path: `${IOMMU_GROUPS}/${group}/devices/${address}`, value: `class 0x${code}` }
}

function isBridge({ role }: PciDevice): boolean {
  return role === 'bridge' || role === 'host-bridge'
}
