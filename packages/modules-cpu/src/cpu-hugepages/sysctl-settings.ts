import type { Host } from '@janus/core'

/** A file that sets `vm.nr_hugepages` at boot. */
export interface SysctlSetting {
  readonly path: string
  /** What orders it among the others, whatever directory it is in. */
  readonly name: string
  readonly value: string
}

/** A file in an earlier one is read instead of one of the same name in a later one. */
const FOLDERS = ['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib'].map((folder) => `${folder}/sysctl.d`)
const SYSCTL_CONF = '/etc/sysctl.conf'
const SYSTEMD = ['/usr/lib/systemd/systemd-sysctl', '/lib/systemd/systemd-sysctl']
const SETTING = /^[^\S\n]*(?:-[^\S\n]*)?vm[./]nr_hugepages[^\S\n]*=[^\S\n]*(\S+)/gm

/**
 * The files that set the sysctl, in the order in which they are read; of each the last value, which counts (sysctl.d(5)). systemd
 * reads `/etc/sysctl.conf` only where a link in `/etc/sysctl.d` leads to it, sysctl(8) of other systems reads it last of all.
 */
export async function hugepageSettings(host: Host): Promise<readonly SysctlSetting[]> {
  const paths = new Map<string, string>()
  for (const folder of FOLDERS) {
    for (const name of (await host.list(folder)).value ?? []) {
      if (name.endsWith('.conf') && !paths.has(name)) paths.set(name, `${folder}/${name}`)
    }
  }
  const files = [...paths].sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, path]) => ({ name, path }))
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
