import type { Host } from '../../contract/host.js'
import { readBootFiles } from './boot-file.js'
import type { CommandLineFiles } from './command-line-files.js'
import { grubLine, withEmptyVariable } from './grub-defaults.js'
import { filesIn, findSystemProgram } from './loader-evidence.js'

const DEFAULTS = '/etc/default/grub'
const DIRECTORY = '/etc/default/grub.d'

/**
 * The settings that grub-mkconfig reads: `/etc/default/grub`, and what Debian and its kin read after it.
 * @throws JANUS_HOST_UNREADABLE; JANUS_HOST_UNFIT naming file and line where only a shell could tell
 */
export async function grubFiles(host: Host): Promise<CommandLineFiles> {
  const overrides = (await readsDirectory(host)) ? await filesIn(host, DIRECTORY, '.cfg') : []
  return {
    texts: await readBootFiles(host, [DEFAULTS, ...overrides]),
    parse: (texts) => [grubLine(texts)].filter((line) => line !== undefined),
    prepare: (texts) =>
      grubLine(texts) === undefined
        ? new Map([...texts, [DEFAULTS, withEmptyVariable(texts.get(DEFAULTS) ?? '')]])
        : texts,
  }
}

/** What grub-mkconfig of this host reads, it says itself; where it is not shown, the directory would not be there for nothing. */
async function readsDirectory(host: Host): Promise<boolean> {
  for (const name of ['grub-mkconfig', 'grub2-mkconfig']) {
    const path = await findSystemProgram(host, name)
    const script = path === undefined ? undefined : (await host.readText(path)).value
    if (script?.startsWith('#!')) return script.includes('default/grub.d')
  }
  return true
}
