import type { Host } from '../contract/host.js'
import { lastParameter, parseKernelCommandLine, readKernelCommandLine } from './kernel-command-line.js'
import { kernelModuleName } from './module-name.js'
import { listNames } from './read-value.js'

/** Directories of modprobe.d(5), the most important first: a file name found earlier replaces the same name further down. */
export const MODPROBE_DIRECTORIES = [
  '/etc/modprobe.d',
  '/run/modprobe.d',
  '/usr/local/lib/modprobe.d',
  '/usr/lib/modprobe.d',
  '/lib/modprobe.d',
] as const

/** Commands of an `install` line that keep a module from being loaded. */
const PREVENTS = /^(?:\/(?:usr\/)?bin\/)?(?:false|true|:)(?:\s|$)/

/**
 * Reads which kernel modules the configuration forbids, or keeps from being loaded by their aliases.
 * @returns for each module the place that says so: `/etc/modprobe.d/x.conf:3`, or the kernel parameter
 */
export async function readBlacklist(host: Host): Promise<ReadonlyMap<string, string>> {
  const blacklist = new Map<string, string>()
  const add = (name: string, place: string) => {
    const module = kernelModuleName(name)
    if (!blacklist.has(module)) blacklist.set(module, place)
  }
  const seen = new Set<string>()
  for (const directory of MODPROBE_DIRECTORIES) {
    for (const name of await listNames(host, directory)) {
      if (!name.endsWith('.conf') || seen.has(name)) continue
      seen.add(name)
      const path = `${directory}/${name}`
      const text = (await host.readText(path)).value ?? ''
      for (const { module, line } of parseModprobeConfig(text)) add(module, `${path}:${line}`)
    }
  }
  const parameters = parseKernelCommandLine((await readKernelCommandLine(host)) ?? '')
  for (const parameter of ['modprobe.blacklist', 'module_blacklist']) {
    const value = lastParameter(parameters, parameter) ?? ''
    for (const name of value.split(',').filter(Boolean)) add(name, `/proc/cmdline: ${parameter}=${value}`)
  }
  return blacklist
}

/** Modules that a file of modprobe.d(5) blacklists or whose loading it replaces by nothing, with the line (from 1). */
export function parseModprobeConfig(text: string): { readonly module: string; readonly line: number }[] {
  const found: { module: string; line: number }[] = []
  const lines = text.split('\n')
  for (let index = 0; index < lines.length; index++) {
    const start = index
    let line = lines[index] ?? ''
    while (line.endsWith('\\') && index + 1 < lines.length) line = `${line.slice(0, -1)} ${lines[++index] ?? ''}`
    const [command, module, ...rest] = line.trim().split(/\s+/)
    const forbids = command === 'blacklist' || (command === 'install' && PREVENTS.test(rest.join(' ')))
    if (forbids && module !== undefined) found.push({ module, line: start + 1 })
  }
  return found
}
