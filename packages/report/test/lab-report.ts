import { fileURLToPath } from 'node:url'
import { createJanus, isJanusModule, type Janus, openHost } from '@janus/core'
import * as gpu from '@janus/modules-gpu'
import { collectReport, type ReportData } from '../src/index.js'

/** The captured host of the lab. */
export const LAB = fileURLToPath(new URL('../../../examples/snapshots/lab.snapshot.json', import.meta.url))

/** A facade over a captured host, with the modules for its devices. */
export async function openCaptured(path: string): Promise<Janus> {
  const exported: readonly unknown[] = Object.values(gpu)
  const modules = exported.filter((value) => isJanusModule(value))
  return createJanus({
    host: await openHost(path),
    sources: modules.map((module) => ({ kind: 'module', module }) as const),
  })
}

/** The report of a captured host. */
export async function reportOf(path: string): Promise<ReportData> {
  const janus = await openCaptured(path)
  try {
    return await collectReport(janus)
  } finally {
    await janus.close()
  }
}
