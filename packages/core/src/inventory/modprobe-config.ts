import type { Host } from '../contract/host.js'
import { configurationDirectories, findConfigurationFiles } from './configuration-files.js'
import { lastParameter, parseKernelCommandLine, readKernelCommandLine } from './kernel-command-line.js'
import { kernelModuleName } from './module-name.js'

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
  for (const { path, text } of await readModprobeFiles(host)) {
    for (const { module, line } of parseModprobeConfig(text)) add(module, `${path}:${line}`)
  }
  const parameters = parseKernelCommandLine((await readKernelCommandLine(host)) ?? '')
  for (const parameter of ['modprobe.blacklist', 'module_blacklist']) {
    const value = lastParameter(parameters, parameter) ?? ''
    for (const name of value.split(',').filter(Boolean)) add(name, `/proc/cmdline: ${parameter}=${value}`)
  }
  return blacklist
}

/** One `options` line, or one parameter of a module on the kernel command line. */
export interface ModuleOptions {
  readonly module: string
  /** `name=value`, as they stand there. */
  readonly words: readonly string[]
  /** `/etc/modprobe.d/x.conf`, or `/proc/cmdline`. */
  readonly path: string
  /** From 1; undefined on the kernel command line. */
  readonly line: number | undefined
}

/**
 * Reads the parameters that modprobe gives to modules (modprobe.d(5)), in the order in which it gives them: by file name
 * over all directories, the kernel command line last. Of the same parameter the last one counts.
 */
export async function readModuleOptions(host: Host): Promise<readonly ModuleOptions[]> {
  const files = await readModprobeFiles(host)
  const parameters = parseKernelCommandLine((await readKernelCommandLine(host)) ?? '')
  return [
    ...files.flatMap(({ path, text }) =>
      parseModprobeLines(text).flatMap(({ words: [command, module, ...words], line }) =>
        command === 'options' && module !== undefined ? [{ module: kernelModuleName(module), words, path, line }] : [],
      ),
    ),
    ...parameters.flatMap(({ name, value }) => {
      const [, module, parameter] = /^([\w-]+)\.(.+)$/.exec(name) ?? []
      if (module === undefined || parameter === undefined) return []
      const word = value === undefined ? parameter : `${parameter}=${value}`
      return [{ module: kernelModuleName(module), words: [word], path: '/proc/cmdline', line: undefined }]
    }),
  ]
}

/** The files of modprobe.d(5) that count, in the order in which they are read. */
async function readModprobeFiles(host: Host): Promise<readonly { readonly path: string; readonly text: string }[]> {
  const files = await findConfigurationFiles(host, configurationDirectories('modprobe.d'))
  return Promise.all(files.map(async ({ path }) => ({ path, text: (await host.readText(path)).value ?? '' })))
}

/** Modules that a file of modprobe.d(5) blacklists or whose loading it replaces by nothing, with the line (from 1). */
export function parseModprobeConfig(text: string): { readonly module: string; readonly line: number }[] {
  return parseModprobeLines(text).flatMap(({ words: [command, module, ...rest], line }) => {
    const forbids = command === 'blacklist' || (command === 'install' && PREVENTS.test(rest.join(' ')))
    return forbids && module !== undefined ? [{ module, line }] : []
  })
}

/** The words of each line, with the number (from 1) of the first of those that a backslash joins. */
function parseModprobeLines(text: string): readonly { readonly words: readonly string[]; readonly line: number }[] {
  const found: { words: readonly string[]; line: number }[] = []
  const lines = text.split('\n')
  for (let index = 0; index < lines.length; index++) {
    const start = index
    let line = lines[index] ?? ''
    while (line.endsWith('\\') && index + 1 < lines.length) line = `${line.slice(0, -1)} ${lines[++index] ?? ''}`
    found.push({ words: line.trim().split(/\s+/), line: start + 1 })
  }
  return found
}
