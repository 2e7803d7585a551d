import { type Janus, janusVersion, readTopology } from '@janus/core'
import { readBindingOutlooks } from '@janus/modules-gpu'
import type { ReportData } from '../contract/report-data.js'
import { readMachine } from './read-machine.js'

/** What {@link collectReport} takes besides the host. */
export interface CollectReportOptions {
  /** The time that the report of a live machine bears. Default: now. */
  readonly now?: Date
  readonly signal?: AbortSignal
}

/**
 * Reads all that a report shows from the host of a facade, with the modules of that facade. Changes nothing.
 * @throws JANUS_ABORTED when the signal is raised
 */
export async function collectReport(
  janus: Janus,
  { now = new Date(), signal }: CollectReportOptions = {},
): Promise<ReportData> {
  const { host } = janus
  const machine = await readMachine(host, now)
  const check = await janus.check(signal === undefined ? {} : { signal })
  const inventory = await janus.inventory()
  return {
    schema: 'janus.report/1',
    janusVersion: janusVersion(),
    machine,
    check,
    inventory,
    outlooks: await readBindingOutlooks(host, inventory),
    topology: await readTopology(host),
  }
}
