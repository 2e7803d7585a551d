import type { Host } from '@janus/core'

/**
 * The machine's architecture as `uname -m` names it, as far as the host shows it: `/proc/sys/kernel/arch` (Linux 6.1),
 * otherwise the words that only an x86 `/proc/cpuinfo` holds.
 */
export async function readArchitecture(host: Host): Promise<'x86' | 'other' | 'unknown'> {
  const arch = (await host.readText('/proc/sys/kernel/arch')).value?.trim()
  if (arch !== undefined && arch !== '') return /^(x86_64|i[3-6]86)$/.test(arch) ? 'x86' : 'other'
  const information = (await host.readText('/proc/cpuinfo')).value
  if (information === undefined || information.trim() === '') return 'unknown'
  return /^(vendor_id|cpu family)\s*:/m.test(information) && /^flags\s*:/m.test(information) ? 'x86' : 'other'
}
