import { dirname } from 'node:path'
import type { Change } from '../contract/change.js'
import type { Host } from '../contract/host.js'
import type { UserDirectories } from '../state/index.js'

const OWNER_ONLY = 0o700
const DIRECTORY_MODE = 0o755
const CONFIG_MODE = 0o600

/** Content of a fresh configuration file: nothing is enabled that nobody asked for. */
const CONFIGURATION = `${JSON.stringify({ schema: 'janus.config/1', modules: [] }, null, 2)}\n`

/**
 * The changes that set Janus up for a user: configuration and cache directories with what is missing above them, and a
 * configuration file. What exists is left as it is, so a second run returns none. The state directory is not among
 * them: the journal makes it when the first record is written.
 * @param directories the user's XDG directories (XDG Base Directory Specification 0.8)
 */
export async function initChanges(
  host: Host,
  directories: Pick<UserDirectories, 'config' | 'cache'>,
): Promise<readonly Change[]> {
  const changes: Change[] = []
  const planned = new Set<string>()
  for (const directory of [directories.config, directories.cache]) {
    for (const path of await missingDirectories(host, directory)) {
      if (planned.has(path)) continue
      planned.add(path)
      const mode = path === directory ? OWNER_ONLY : DIRECTORY_MODE
      changes.push({
        kind: 'create-directory',
        path,
        mode,
        scope: 'persistent',
        why: `Janus keeps its files below ${path}`,
      })
    }
  }
  const path = `${directories.config}/config.json`
  if (!(await host.exists(path))) {
    const why = 'a configuration that enables nothing by itself'
    changes.push({
      kind: 'write-file',
      path,
      content: { text: CONFIGURATION },
      mode: CONFIG_MODE,
      from: null,
      scope: 'persistent',
      why,
    })
  }
  return changes
}

/** The directory and its missing ancestors, outermost first. */
async function missingDirectories(host: Host, directory: string): Promise<readonly string[]> {
  const missing: string[] = []
  for (let path = directory; path !== '/' && !(await host.exists(path)); path = dirname(path)) missing.unshift(path)
  return missing
}
