import type { Host } from '../contract/host.js'
import { readValue } from './read-value.js'

/**
 * Release of the running kernel as `uname -r` prints it.
 * @returns undefined when the host does not show it, or shows what cannot be the name of a directory
 */
export async function readKernelRelease(host: Host): Promise<string | undefined> {
  const release = await readValue(host, '/proc/sys/kernel/osrelease')
  return release !== undefined && /^[A-Za-z0-9][A-Za-z0-9._+~-]{0,127}$/.test(release) ? release : undefined
}

/**
 * Text of one of the lists that depmod(8) makes for the running kernel; they outgrow an ordinary text.
 * @param name `modules.dep`, `modules.alias`, `modules.builtin`
 */
export async function readModuleList(
  host: Host,
  release: string | undefined,
  name: string,
): Promise<string | undefined> {
  if (release === undefined) return undefined
  for (const directory of [`/lib/modules/${release}`, `/usr/lib/modules/${release}`]) {
    const bytes = (await host.readBytes(`${directory}/${name}`)).value
    if (bytes !== undefined) return Buffer.from(bytes).toString('utf8')
  }
  return undefined
}
