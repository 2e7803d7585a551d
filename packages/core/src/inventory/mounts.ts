import type { Host } from '../contract/host.js'
import { type Mount, parseMountinfo, parseMounts } from './parse/mountinfo.js'

/** A mount and the table that shows it. */
export interface ShownMount extends Mount {
  readonly evidence: string
}

/** The mounts of this process, and those of init, which a container does not share. */
const TABLES = ['/proc/self/mountinfo', '/proc/1/mountinfo'] as const

/** The older table, which is all that some captured trees hold. */
const OLDER_TABLES = ['/proc/self/mounts', '/proc/mounts'] as const

/** Reads what is mounted. */
export async function readMounts(host: Host): Promise<readonly ShownMount[]> {
  const mounts = await read(host, TABLES, parseMountinfo)
  if (mounts.length > 0) return mounts
  return read(host, OLDER_TABLES, parseMounts)
}

async function read(host: Host, tables: readonly string[], parse: (text: string) => readonly Mount[]) {
  const mounts: ShownMount[] = []
  for (const evidence of tables) {
    const text = (await host.readText(evidence)).value ?? ''
    mounts.push(...parse(text).map((mount) => ({ ...mount, evidence })))
  }
  return mounts
}
