import type { Host } from '../contract/host.js'

/** The directories that configuration of a name is read from, the most important first: `/etc/<name>` to `/lib/<name>`. */
export function configurationDirectories(name: string): readonly string[] {
  return ['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib'].map((top) => `${top}/${name}`)
}

/** A configuration file that is read. */
export interface ConfigurationFile {
  readonly path: string
  /** What orders it among the others, whatever directory it is in. */
  readonly name: string
}

/**
 * Finds the files `*.conf` of some directories in the order in which they are read: by name over all directories. A file in an
 * earlier directory is read instead of one of the same name in a later one (modprobe.d(5), sysctl.d(5), systemd.unit(5)).
 * @param directories the most important first, as {@link configurationDirectories} gives them
 */
export async function findConfigurationFiles(
  host: Pick<Host, 'list'>,
  directories: readonly string[],
): Promise<readonly ConfigurationFile[]> {
  const paths = new Map<string, string>()
  for (const directory of directories) {
    for (const name of (await host.list(directory)).value ?? []) {
      if (name.endsWith('.conf') && !paths.has(name)) paths.set(name, `${directory}/${name}`)
    }
  }
  return [...paths].sort(([left], [right]) => (left < right ? -1 : 1)).map(([name, path]) => ({ name, path }))
}
