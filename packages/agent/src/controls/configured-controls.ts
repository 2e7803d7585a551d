import { totalmem } from 'node:os'
import { createLiveHost } from '@janus/core'
import type { AgentSettings } from '../settings/agent-settings.js'
import { monitoringOf } from '../settings/uses/monitoring-of.js'
import { paceOf } from '../settings/uses/pace-of.js'
import { watchRulesOf } from '../settings/uses/watch-rules-of.js'
import { workspacesOf } from '../settings/uses/workspaces-of.js'
import { type Controls, type ControlsOptions, createControls } from './create-controls.js'
import { readHostSample } from './read-host-sample.js'

/** What controls need besides the settings. */
export type ConfiguredControlsOptions = Pick<
  ControlsOptions,
  'clock' | 'board' | 'backlog' | 'networkAllowed' | 'mustStop' | 'mustDemote' | 'onEvent'
>

/** The controls of an agent as it is configured, over this machine. Move them with `runControls`, by `paceOf(settings).tickMilliseconds` and `watchRulesOf(…).sampleMilliseconds`. */
export function configuredControls(settings: AgentSettings, options: ConfiguredControlsOptions): Controls {
  const totalBytes = totalmem()
  const host = createLiveHost()
  const diskPath = workspacesOf(settings).root
  return createControls({
    ...options,
    pace: paceOf(settings),
    watch: watchRulesOf(settings, totalBytes),
    monitoring: monitoringOf(settings),
    totalBytes,
    readSample: () => readHostSample(host, { diskPath }),
  })
}
