import type { Host } from '../contract/host.js'

/** What tells one boot of a machine from the next (Documentation/admin-guide/sysctl/kernel.rst, random). */
export async function readBootId(host: Host): Promise<string | undefined> {
  return (await host.readText('/proc/sys/kernel/random/boot_id')).value?.trim()
}
