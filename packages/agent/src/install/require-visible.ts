import { janusError } from '@janus/core'
import { settingAt, settingsTable } from '../settings/settings-table.js'
import type { InstallSurvey } from './survey.js'

/** What the unit hides from the service, systemd.exec(5). */
const HIDDEN = [
  { by: 'ProtectHome', paths: /^\/(home|root|run\/user)(\/|$)/ },
  { by: 'PrivateTmp', paths: /^\/(var\/)?tmp(\/|$)/ },
] as const

/**
 * Refuses settings that name what the service could not see: a stop file in the /tmp of everybody would never be found. A unit of root is not hardened.
 * @throws JANUS_HOST_UNFIT naming the setting
 */
export function requireVisible({ configuration: { settings }, options, unit }: InstallSurvey): void {
  if (unit.user === 'root') return
  const named = settingsTable().flatMap(({ key }) => {
    const value = settingAt(settings, key)
    const values: readonly unknown[] = key === 'thinking_cycle.material_roots' && Array.isArray(value) ? value : [value]
    return values.filter((one) => typeof one === 'string').map((path) => ({ key, path }))
  })
  for (const { key, path } of [{ key: 'the configuration', path: options.config }, ...named]) {
    const hidden = HIDDEN.find(({ paths }) => paths.test(path))
    if (hidden === undefined) continue
    throw janusError('JANUS_HOST_UNFIT', `${key} is ${path}, which the service does not see (${hidden.by}=)`, {
      data: { path },
      remedy: 'Name a place below /srv, /var/lib or /etc.',
    })
  }
}
