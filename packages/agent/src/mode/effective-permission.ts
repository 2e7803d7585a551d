import { type EffectivePermission, OPERATIONAL_MODES, type OperationalMode } from '../contract/mode.js'
import type { AgentSettings } from '../settings/agent-settings.js'
import type { LiveConditions } from './live-conditions.js'

/** The settings that have a say. */
export type PermissionSettings = Pick<AgentSettings, 'operational_mode' | 'auto_executor' | 'playbooks' | 'debug'>

/**
 * What the agent may do right now: from the mode on the record, the ceiling of the configuration, its switches and what holds it back. Every path that makes, approves or runs
 * something asks here, and what is not permitted is denied.
 * @param recorded the mode on the record
 */
export function effectivePermission(
  recorded: OperationalMode,
  settings: PermissionSettings,
  live: LiveConditions = {},
): EffectivePermission {
  const restrictions: { readonly rule: string; readonly because: string }[] = []
  const restrict = (rule: string, because: string | undefined): boolean => {
    if (because === undefined) return false
    restrictions.push({ rule, because })
    return true
  }
  const aboveCeiling = rank(recorded) > rank(settings.operational_mode)
  const ceiling = restrict(
    'operational_mode',
    aboveCeiling ? `the configuration permits ${settings.operational_mode} at most` : undefined,
  )
  const byItself = !restrict(
    'auto_executor.enabled',
    recorded !== 'alpha' && !settings.auto_executor.enabled ? 'auto_executor.enabled is false' : undefined,
  )
  const maintained = !restrict('maintenance', recorded === 'alpha' ? undefined : live.maintenance)
  const mode = byItself && maintained ? (ceiling ? settings.operational_mode : recorded) : 'alpha'

  const stopped = [
    restrict('emergency', live.emergency),
    restrict('frozen', live.frozen),
    restrict('verification', live.verification),
  ].includes(true)
  const unsafe = [
    restrict('self-test', live.selfTest),
    restrict('dry-run', settings.debug.dry_run_mode ? 'debug.dry_run_mode is true: nothing is run' : undefined),
  ].includes(true)
  const runApproved = !stopped && !unsafe
  const beyondAlpha = runApproved && mode !== 'alpha'
  const playbooks = !restrict(
    'playbooks',
    beyondAlpha && !(settings.playbooks.enabled && settings.playbooks.auto_approve)
      ? 'playbooks are switched off'
      : undefined,
  )
  const relieved = restrict('relief', live.relief)
  return {
    mode,
    propose: !stopped,
    runApproved,
    runPlaybooks: beyondAlpha && playbooks,
    approveListed: beyondAlpha,
    runNovel: runApproved && mode === 'omega',
    network: runApproved && !relieved,
    restrictions,
  }
}

function rank(mode: OperationalMode): number {
  return OPERATIONAL_MODES.indexOf(mode)
}
