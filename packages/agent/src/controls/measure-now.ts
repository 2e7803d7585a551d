import { setTimeout as delay } from 'node:timers/promises'
import type { Host } from '@janus/core'
import type { Metrics } from '../contract/playbook.js'
import type { AgentSettings } from '../settings/agent-settings.js'
import { filesOf } from '../settings/uses/files-of.js'
import { workspacesOf } from '../settings/uses/workspaces-of.js'
import { fileBytes } from './file-bytes.js'
import { createHostMeter } from './host-meter.js'
import { playbookMetrics } from './playbook-metrics.js'
import { readHostSample } from './read-host-sample.js'

/** Milliseconds between the two samples that the use of processors is measured by. */
const BETWEEN = 250

/**
 * The metrics of a host for the triggers of playbooks, as they are at this moment: for whoever asks once, and has no controls running.
 * @param counts proposals that wait for a person, runs that wait for their turn, and those under way
 */
export async function measureNow(
  host: Host,
  settings: AgentSettings,
  {
    pending,
    waiting,
    active,
    signal,
  }: { readonly pending: number; readonly waiting: number; readonly active: number; readonly signal: AbortSignal },
): Promise<Metrics> {
  const meter = createHostMeter()
  const read = () => readHostSample(host, { diskPath: workspacesOf(settings).root })
  meter.measure(await read())
  await delay(BETWEEN, undefined, { signal })
  const sample = await read()
  const { views, log } = filesOf(settings)
  const logBytes = await fileBytes([log, ...Object.values(views)])
  return playbookMetrics({ sample, measures: meter.measure(sample), backlog: { waiting, active }, pending, logBytes })
}
