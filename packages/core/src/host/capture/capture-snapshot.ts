import { randomBytes } from 'node:crypto'
import type { Host } from '../../contract/host.js'
import type { Query } from '../../contract/query.js'
import type { Snapshot } from '../../contract/snapshot.js'
import { readKernelRelease } from '../../inventory/kernel-release.js'
import { readPciDevices } from '../../inventory/pci-devices.js'
import { sortByCodePoint } from '../host-path.js'
import { CAPTURE_PATHS } from './capture-paths.js'
import { captureQueries } from './capture-queries.js'
import { expandPattern } from './expand-pattern.js'
import { maskEntries } from './mask.js'
import { createRecorder, type Recorder } from './recorder.js'
import { textEditFor } from './text-edits.js'

/** How a host is captured. */
export interface CaptureOptions {
  /** Replace what identifies the machine and its people by tokens. Default true. */
  readonly mask?: boolean
  /** Time of capture. */
  readonly now: Date
  readonly janusVersion: string
  /** Secret of the masks; default random. The same salt gives the same masks. */
  readonly salt?: string
}

/**
 * Captures a host: everything on the allow-list that inventory and checks read, and the answers to what they ask.
 * @param host the machine, a tree, or another snapshot
 * @param query asked what cannot be read
 * @returns a snapshot that {@link createSnapshotHost} takes; every check, plan and listing works the same on it
 */
export async function captureSnapshot(host: Host, query: Query, options: CaptureOptions): Promise<Snapshot> {
  const { mask = true, now, janusVersion, salt = randomBytes(16).toString('hex') } = options
  const recorder = createRecorder(host)
  await capturePaths(host, recorder)
  await captureBlockData(host, recorder)
  await captureDeviceNumbers(host, recorder)
  const hostname = (await host.readText('/proc/sys/kernel/hostname')).value?.trim()
  const masked = mask ? maskEntries(recorder.entries, salt, hostname) : undefined
  const queries = await captureQueries(host, query, await readPciDevices(host), masked?.context)
  const entries = masked?.entries ?? recorder.entries
  return {
    schema: 'janus.snapshot/1',
    capturedAt: now.toISOString(),
    janusVersion,
    masked: mask,
    entries: Object.fromEntries(
      sortByCodePoint(entries.keys()).map((path) => [path, entries.get(path) ?? { absent: true }]),
    ),
    queries,
  }
}

async function capturePaths(host: Host, recorder: Recorder): Promise<void> {
  const release = await readKernelRelease(host)
  for (const { kind, pattern, unless } of CAPTURE_PATHS) {
    if (unless !== undefined && (await host.exists(unless))) continue
    if (pattern.includes('<release>') && release === undefined) continue
    // What a wildcard did not meet is nothing that somebody looked for.
    const isExpected = !/[*#]/.test(pattern)
    for (const path of await expandPattern(recorder, pattern.replaceAll('<release>', release ?? ''))) {
      if (kind === 'text') await recorder.text(path, isExpected, textEditFor(path))
      else await recorder[kind](path, isExpected)
    }
  }
}

// By device number, because a listing of udev's data would show what else is plugged in.
async function captureBlockData(host: Host, recorder: Recorder): Promise<void> {
  for (const name of await recorder.names('/sys/class/block', true)) {
    const number = (await host.readText(`/sys/class/block/${name}/dev`)).value?.trim()
    const path = `/run/udev/data/b${number ?? ''}`
    if (/^\d+:\d+$/.test(number ?? '')) await recorder.text(path, true, textEditFor(path))
  }
}

// Of all device numbers only those that lead to a PCI device.
async function captureDeviceNumbers(host: Host, recorder: Recorder): Promise<void> {
  for (const directory of ['/sys/dev/char', '/sys/dev/block']) {
    for (const number of await recorder.names(directory, true)) {
      const target = (await host.readLink(`${directory}/${number}`)).value
      if (target?.startsWith('/sys/devices/pci') === true) await recorder.link(`${directory}/${number}`, false)
    }
  }
}
