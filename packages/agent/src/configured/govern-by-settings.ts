import { createLocalExecutor, type Executor, type FoundTool } from '@janus/core'
import type { AgentGovernance } from '../local/local-agent.js'
import type { LiveConditions } from '../mode/live-conditions.js'
import type { AgentState } from '../record/agent-state.js'
import type { AgentSettings } from '../settings/agent-settings.js'
import type { LoadedSettings } from '../settings/load-settings.js'
import { approvalRulesOf } from '../settings/uses/approval-rules-of.js'
import { deskOf } from '../settings/uses/desk-of.js'
import { limitsOfSettings } from '../settings/uses/limits-of-settings.js'
import { toolRegistry } from '../tools/tool-registry.js'
import { configuredParts } from './configured-parts.js'
import { configuredStopFile } from './emergency-stop.js'
import { rulesInForce } from './rules-in-force.js'

/** What an agent is configured with. */
export interface ConfiguredWith {
  readonly loaded: LoadedSettings
  /** Of the running kernel. */
  readonly bootId: string | null
  /** Number of the user that has the record open. */
  readonly ownUid: number
  /** What holds the agent back right now. */
  live(settings: AgentSettings): LiveConditions
  /** Tools that packages bring. Default: none. */
  readonly discovered?: readonly FoundTool[]
  /** Runs the notification script. Default: the local one. */
  readonly executor?: Executor
}

/**
 * Governs an agent by its configuration and its record: asked again only when the record adopted something or the mode changed.
 */
export function governBySettings(configured: ConfiguredWith): (state: AgentState) => AgentGovernance {
  const { loaded, bootId, ownUid, executor = createLocalExecutor() } = configured
  let known: { readonly by: readonly unknown[]; readonly governance: AgentGovernance } | undefined
  return (state) => {
    const by = [state.settings, state.mode.mode, state.policy, state.sandboxProfile]
    if (known === undefined || by.some((each, index) => each !== known?.by[index]))
      known = { by, governance: govern(state) }
    return known.governance
  }

  function govern(state: AgentState): AgentGovernance {
    const rules = rulesInForce(loaded, state)
    const { settings, digest } = rules.effective
    const tools = toolRegistry(settings, configured.discovered)
    const parts = configuredParts({
      settings,
      tools,
      rules,
      rulesOf: (later) => rulesInForce(loaded, later),
      live: () => configured.live(settings),
    })
    const { notificationScript } = deskOf(settings)
    const approval = approvalRulesOf(settings, ownUid)
    return {
      rules: approval,
      terms: {
        vesselId: settings.vessel_id,
        bootId,
        validSeconds: approval.warrantSeconds,
        config: () => digest,
        sandboxProfile: () => rules.sandboxProfile,
        policy: () => rules.policy,
      },
      resolving: (automatic) => ({
        tool: (name) => tools.entries.get(name),
        preservedEnvironment: settings.sandbox.policy.preserved_env,
        limits: limitsOfSettings(settings, automatic),
        allowedDomains: settings.security.network.allowed_domains,
        effectiveFrom: parts.effectiveFrom,
      }),
      parts,
      settings,
      tools: tools.entries,
      stopFile: configuredStopFile(settings),
      notification: notificationScript === undefined ? undefined : { path: notificationScript, executor },
    }
  }
}
