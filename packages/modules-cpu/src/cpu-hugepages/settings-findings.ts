import { type Finding, type Host, isJanusError, type Query } from '@janus/core'
import { refusalStatus } from '../request-finding.js'
import type { CpuHugepagesOptions } from './options.js'
import { planChanges } from './plan-changes.js'
import { readTransparent, wantedSettings } from './transparent-changes.js'

/** What the kernel does about transparent hugepages; nothing where it has none. */
export async function transparentFindings(host: Host): Promise<readonly Finding[]> {
  const [enabled, defrag] = [await readTransparent(host, 'enabled'), await readTransparent(host, 'defrag')]
  if (enabled === undefined) return []
  const id = 'transparent-hugepages'
  const settings = [enabled, ...(defrag === undefined ? [] : [defrag])]
  const evidence = settings.map(({ path, chosen }) => ({ path, value: chosen }))
  const defragmented = defrag === undefined ? '' : `, their defragmentation: ${defrag.chosen}`
  return [{ id, status: 'ok', summary: `transparent hugepages: ${enabled.chosen}${defragmented}`, evidence }]
}

/** Whether what the options ask for beyond pages of now is so: at every boot, and of transparent hugepages. */
export async function settingsFinding(
  host: Host,
  query: Query,
  options: CpuHugepagesOptions,
): Promise<readonly Finding[]> {
  if (!options.persistent && wantedSettings(options).length === 0) return []
  const id = 'hugepages-settings'
  try {
    const changes = await planChanges(host, query, options)
    const missing = changes.map(({ why }) => why)
    if (missing.length === 0) return [{ id, status: 'ok', summary: 'it is set as the options say' }]
    return [
      {
        id,
        status: 'warn',
        summary: `not so yet: ${missing.join('; ')}`,
        remedy: 'janus plan cpu-hugepages shows it.',
      },
    ]
  } catch (error) {
    if (!isJanusError(error)) throw error
    const isUnknown = host.kind === 'snapshot' || error.code === 'JANUS_HOST_UNREADABLE'
    const status = isUnknown ? 'skipped' : refusalStatus(host, error)
    return [{ id, status, summary: error.message, remedy: error.remedy }]
  }
}
