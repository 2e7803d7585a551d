import { type ConfigurationFile, configurationDirectories, findConfigurationFiles, type Host } from '@janus/core'

/** A file that sets `vm.nr_hugepages` at boot. */
export interface SysctlSetting extends ConfigurationFile {
  readonly value: string
}

const SYSCTL_CONF = '/etc/sysctl.conf'
const SYSTEMD = ['/usr/lib/systemd/systemd-sysctl', '/lib/systemd/systemd-sysctl']
const SETTING = /^[^\S\n]*(?:-[^\S\n]*)?vm[./]nr_hugepages[^\S\n]*=[^\S\n]*(\S+)/gm

/**
 * The files that set the sysctl, in the order in which they are read; of each the last value, which counts (sysctl.d(5)). systemd
 * reads `/etc/sysctl.conf` only where a link in `/etc/sysctl.d` leads to it, sysctl(8) of other systems reads it last of all.
 */
export async function hugepageSettings(host: Host): Promise<readonly SysctlSetting[]> {
  const files = [...(await findConfigurationFiles(host, configurationDirectories('sysctl.d')))]
  // Behind every name of a file.
  if (!(await isReadBySystemd(host))) files.push({ name: '\uffff', path: SYSCTL_CONF })
  const found: SysctlSetting[] = []
  for (const { name, path } of files) {
    const text = (await host.readText(path)).value ?? ''
    const value = [...text.matchAll(SETTING)].at(-1)?.[1]
    if (value !== undefined) found.push({ path, name, value })
  }
  return found
}

async function isReadBySystemd(host: Host): Promise<boolean> {
  for (const path of SYSTEMD) if (await host.exists(path)) return true
  return false
}
