import { type Evidence, type Finding, type Host, isJanusError, type PciDevice, type Query } from '@janus/core'
import { boundedEvidence, boundedLines } from '../bounded.js'
import { addressInId, deviceWords } from '../device-words.js'
import { findingOfRefusal } from '../finding-of-refusal.js'
import { holderWords } from '../holders.js'
import { listWords } from '../list-words.js'
import { pciDevicesEvidence } from '../pci-devices-evidence.js'
import { releaseChanges } from './changes.js'
import { type Display, findConsoleDisplay, readDisplay, requireDisplay } from './display.js'
import { findRefusals } from './find-refusals.js'
import type { GpuFramebufferOptions } from './options.js'

/** What of the console holds the display of the host. */
export async function overviewFinding(host: Host, query: Query): Promise<Finding> {
  const device = await findConsoleDisplay(host)
  if (device === undefined) {
    const summary = 'the host shows no display that its firmware started on'
    return { id: 'console', status: 'skipped', summary, evidence: [await pciDevicesEvidence(host)] }
  }
  const display = await readDisplay(host, query, device)
  const holds = holdWords(display)
  if (holds.length === 0 && !display.isShown) {
    const summary = `the host does not show what of the console holds ${deviceWords(device)}`
    return { id: 'console', status: 'skipped', summary, evidence: [{ path: '/proc/fb' }] }
  }
  const summary =
    holds.length === 0
      ? `nothing of the console holds ${deviceWords(device)}`
      : `${deviceWords(device)} is held by ${listWords(holds)}`
  return { id: 'console', status: 'ok', summary, detail: detailOf(display), evidence: evidenceOf(display) }
}

/** Whether the display is free of the console, can be freed, or cannot. */
export async function targetFindings(
  host: Host,
  query: Query,
  options: GpuFramebufferOptions,
): Promise<readonly Finding[]> {
  let device: PciDevice
  try {
    device = await requireDisplay(host, options.device)
  } catch (error) {
    if (!isJanusError(error)) throw error
    return [{ id: 'target', status: 'critical', summary: error.message, remedy: error.remedy }]
  }
  const display = await readDisplay(host, query, device)
  const refusals = findRefusals(display, options)
  if (refusals.length > 0) return refusals.map(findingOfRefusal)
  const isFree = releaseChanges(display, options).length === 0
  const id = `target-${addressInId(device)}`
  if (isFree) {
    const summary = `${deviceWords(device)} is free of the console`
    return [{ id, status: 'ok', summary, detail: detailOf(display), evidence: evidenceOf(display) }]
  }
  const summary = `${deviceWords(device)} can be freed of ${listWords(holdWords(display))}`
  const remedy = 'Have another way in, such as ssh, and apply this module.'
  return [{ id, status: 'warn', summary, detail: detailOf(display), evidence: evidenceOf(display), remedy }]
}

function holdWords({ consoles, framebuffers, firmware, holders, region }: Display): readonly string[] {
  const drawing = consoles.find(({ isFramebuffer, isBound }) => isFramebuffer && isBound)
  return [
    ...holderWords(holders.holders),
    ...(drawing !== undefined && framebuffers.length > 0 ? [`the virtual consoles (${drawing.path})`] : []),
    ...(firmware === undefined ? [] : [`the framebuffer of the firmware (${firmware.instance})`]),
    ...(firmware === undefined && region !== undefined ? [`the region ${region.name}`] : []),
  ]
}

function detailOf({ device, framebuffers, others, seat, holders, firmware, region }: Display): string {
  return boundedLines([
    `framebuffers in its memory: ${framebuffers.length === 0 ? 'none' : framebuffers.join(', ')}`,
    ...(others.length === 0 ? [] : [`other framebuffers, on which the console stays: ${others.join(', ')}`]),
    `display manager: ${seat.manager === undefined ? 'none runs' : seat.manager.name}`,
    ...seat.sessions,
    ...(holders.gap === undefined ? [] : [`who holds it open is not fully known: ${holders.gap}`]),
    ...(firmware === undefined && region === undefined
      ? []
      : [
          `since Linux 6.0 vfio-pci evicts efifb, vesafb and simpledrm itself when it takes a VGA display; a region that stays behind (BOOTFB) makes a guest fail with "can't reserve"`,
        ]),
    ...(device.driver === undefined
      ? []
      : [`its driver ${device.driver} takes its own framebuffer away when it is unbound`]),
  ])
}

function evidenceOf({ consoles, region, seat, holders }: Display): readonly Evidence[] {
  const pids = [...new Set(holders.holders.map(({ pid }) => pid))]
  return boundedEvidence([
    ...consoles.map(({ path, isBound }) => ({ path: `${path}/bind`, value: isBound ? '1' : '0' })),
    ...(region === undefined ? [] : [{ path: '/proc/iomem', value: region.line }]),
    ...(seat.manager === undefined ? [] : [{ path: seat.manager.cgroup }]),
    ...pids.map((pid) => ({ path: `/proc/${pid}/fd` })),
  ])
}
