import { type Change, type Host, janusError } from '@janus/core'
import type { CpuHugepagesOptions } from './options.js'
import { ownFileChanges } from './own-file.js'

/** Directory of the settings of transparent hugepages (admin-guide/mm/transhuge.rst). */
export const TRANSPARENT = '/sys/kernel/mm/transparent_hugepage'
const TMPFILES = '/etc/tmpfiles.d/janus-transparent-hugepages.conf'

/** A setting of transparent hugepages. */
export interface TransparentSetting {
  readonly path: string
  readonly chosen: string
  readonly choices: readonly string[]
}

/** Reads `enabled` or `defrag`; undefined where the kernel has no transparent hugepages, or the host does not show them. */
export async function readTransparent(host: Host, name: 'enabled' | 'defrag'): Promise<TransparentSetting | undefined> {
  const path = `${TRANSPARENT}/${name}`
  const text = (await host.readText(path)).value?.trim()
  const chosen = /\[([^\]]+)\]/.exec(text ?? '')?.[1]
  return text === undefined || chosen === undefined
    ? undefined
    : { path, chosen, choices: text.replace(/[[\]]/g, '').split(/\s+/) }
}

/**
 * The changes that set transparent hugepages, and with `persistent` the file that does it at every boot.
 * @throws JANUS_HOST_LACKS_FEATURE where the kernel has none; JANUS_HOST_UNFIT where it has not this choice;
 * JANUS_HOST_UNREADABLE
 */
export async function transparentChanges(host: Host, options: CpuHugepagesOptions): Promise<readonly Change[]> {
  const wanted = wantedSettings(options)
  const changes: Change[] = []
  for (const { name, value } of wanted) {
    const setting = await requireChoice(host, name, value)
    if (setting.chosen === value) continue
    const why = `${name === 'enabled' ? 'transparent hugepages' : 'their defragmentation'}: ${value} instead of ${setting.chosen}`
    changes.push({ kind: 'write-attribute', path: setting.path, from: setting.chosen, value, why, scope: 'runtime' })
  }
  if (!options.persistent || wanted.length === 0) return changes
  const lines = wanted.map(({ name, value }) => `w ${TRANSPARENT}/${name} - - - - ${value}`)
  const afterBoot = wanted.map(
    ({ name, value }) => ({ kind: 'equals', path: `${TRANSPARENT}/${name}`, value }) as const,
  )
  const why = 'set transparent hugepages at every boot'
  return [...changes, ...(await ownFileChanges(host, { path: TMPFILES, lines, why, afterBoot }))]
}

/** What the options say about transparent hugepages. */
export function wantedSettings({ transparent, defrag }: CpuHugepagesOptions) {
  return [
    ...(transparent === undefined ? [] : [{ name: 'enabled', value: transparent } as const]),
    ...(defrag === undefined ? [] : [{ name: 'defrag', value: defrag } as const]),
  ]
}

async function requireChoice(host: Host, name: 'enabled' | 'defrag', value: string): Promise<TransparentSetting> {
  const setting = await readTransparent(host, name)
  const path = `${TRANSPARENT}/${name}`
  if (setting === undefined) {
    const { unreadable } = await host.readText(path)
    if (unreadable !== undefined)
      throw janusError('JANUS_HOST_UNREADABLE', `${path} cannot be read: ${unreadable}`, { data: { path } })
    const message = `the kernel of ${host.description} has no transparent hugepages (${path})`
    const remedy = 'It needs CONFIG_TRANSPARENT_HUGEPAGE.'
    throw janusError('JANUS_HOST_LACKS_FEATURE', message, { remedy, data: { path } })
  }
  if (setting.choices.includes(value)) return setting
  const message = `${path} of ${host.description} has no choice ${value}; it has ${setting.choices.join(', ')}`
  throw janusError('JANUS_HOST_UNFIT', message, { remedy: 'Name a choice that it has.', data: { path, value } })
}
