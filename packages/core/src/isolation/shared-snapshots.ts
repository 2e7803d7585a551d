import type { ModuleRun } from '../contract/runnable-module.js'
import { isSnapshotHost } from '../host/snapshot-host.js'
import { janusVersion } from '../janus-version.js'

/** Snapshots of hosts, as JSON text. */
export interface SharedSnapshots {
  /** The host of a run. All modules of one run are given the same snapshot; the next run gets a new one. */
  textFor(run: ModuleRun): Promise<string>
}

/** Makes the place where the modules of a run share a snapshot. */
export function createSharedSnapshots(): SharedSnapshots {
  const texts = new WeakMap<ModuleRun, Promise<string>>()
  return {
    textFor(run) {
      const known = texts.get(run)
      if (known !== undefined) return known
      const text = snapshotText(run)
      texts.set(run, text)
      return text
    },
  }
}

/** Not masked: the child has nobody to tell, and a plan made from masked names would fit no host. */
async function snapshotText({ host, query }: ModuleRun): Promise<string> {
  if (isSnapshotHost(host)) return JSON.stringify(host.snapshot)
  const { captureSnapshot } = await import('../host/capture/index.js')
  const snapshot = await captureSnapshot(host, query, { mask: false, now: new Date(), janusVersion: janusVersion() })
  return JSON.stringify(snapshot)
}
