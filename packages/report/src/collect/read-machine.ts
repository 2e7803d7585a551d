import { type createSnapshotHost, type Host, readCpu, readKernelRelease, readMemory } from '@janus/core'
import type { ReportMachine } from '../contract/report-data.js'

/** Reads what the head of a report says. @param now what a live machine bears */
export async function readMachine(host: Host, now: Date): Promise<ReportMachine> {
  const kernel = await readKernelRelease(host)
  const commandLine = (await host.readText('/proc/cmdline')).value?.trim()
  const { model } = await readCpu(host)
  const { totalKiB } = await readMemory(host)
  return {
    description: host.description,
    kind: host.kind,
    ...(kernel === undefined ? {} : { kernel }),
    ...(commandLine === undefined ? {} : { commandLine }),
    ...(model === undefined ? {} : { processor: model }),
    ...(totalKiB === undefined ? {} : { memoryKiB: totalKiB }),
    ...sight(host, now),
  }
}

function sight(host: Host, now: Date): Pick<ReportMachine, 'seenAt' | 'masked'> {
  if (host.kind === 'live') return { seenAt: now.toISOString() }
  if (!isSnapshotHost(host)) return {}
  const { capturedAt, masked } = host.snapshot
  return { seenAt: capturedAt, masked }
}

function isSnapshotHost(host: Host): host is ReturnType<typeof createSnapshotHost> {
  return host.kind === 'snapshot' && 'snapshot' in host
}
