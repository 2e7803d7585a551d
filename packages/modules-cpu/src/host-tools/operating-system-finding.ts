import type { Finding, Host } from '@janus/core'
import type { OperatingSystem } from './os-release.js'

const RELEASE = '/proc/sys/kernel/osrelease'

/** Which system and kernel this is, for the record: none is better than another. */
export async function operatingSystemFinding(host: Host, system: OperatingSystem | undefined): Promise<Finding> {
  const id = 'operating-system'
  const kernel = (await host.readText(RELEASE)).value?.trim()
  const evidence = [
    {
      path: system?.path ?? '/etc/os-release',
      ...(system?.prettyName === undefined ? {} : { value: system.prettyName }),
    },
    { path: RELEASE, ...(kernel === undefined ? {} : { value: kernel }) },
  ]
  const parts = [system?.prettyName, kernel === undefined ? undefined : `kernel ${kernel}`].filter(
    (part) => part !== undefined,
  )
  if (parts.length === 0)
    return { id, status: 'skipped', summary: 'the host does not show its system and kernel', evidence }
  return { id, status: 'ok', summary: parts.join(', '), evidence }
}
