import type { Diagnostic } from '@janus/core'
import { canonicalDigest } from '@janus/core/ledger'
import { OPERATIONAL_MODES, type OperationalMode } from '../contract/mode.js'
import { type AgentSettings, agentSettingsSchema } from './agent-settings.js'
import { strictnessOf } from './compare-settings.js'
import type { LoadedSettings } from './load-settings.js'
import { type SettingRow, settingAt, settingsTable } from './settings-table.js'

/** What the agent really works by: the file, held against what the record adopted. */
export interface EffectiveSettings {
  readonly settings: AgentSettings
  /** SHA-256 over the RFC 8785 JSON of all settings. */
  readonly digest: string
  readonly rows: readonly EffectiveSetting[]
  /** Security settings whose value the record does not hold yet, or that the file made stricter: to be adopted at once. */
  readonly adopt: Readonly<Record<string, unknown>>
  /** What the file asks for and does not get, and what is not built. */
  readonly diagnostics: readonly Diagnostic[]
}

/** One key and where its value comes from. */
export interface EffectiveSetting extends SettingRow {
  readonly value: unknown
  /** `default`; the file with line and column; `record`: an approved change, or what was adopted before. */
  readonly from: string
}

/**
 * Works out the settings in force. A security setting is what the record adopted last, unless the file asks for a stricter one: a looser one is ignored and told,
 * because only an approved change of the rules makes it looser. A key that the record does not hold yet is adopted from the file, or as it is by default.
 * Any other setting is what the file says, else what an approved change made it.
 * @param adopted settings on the record, by dotted key
 * @param mode the mode on the record
 */
export function effectiveSettings(
  loaded: LoadedSettings,
  adopted: Readonly<Record<string, unknown>>,
  mode: OperationalMode,
): EffectiveSettings {
  const diagnostics: Diagnostic[] = []
  const adopt: Record<string, unknown> = {}
  const draft = structuredClone(loaded.settings) as Record<string, unknown>
  const rows = settingsTable().map((row): EffectiveSetting => {
    const wanted = settingAt(loaded.settings, row.key)
    const from = originOf(loaded, row.key)
    const { strict, key } = row
    if (!Object.hasOwn(adopted, key)) {
      if (strict !== undefined) adopt[key] = wanted ?? null
      return { ...row, value: wanted, from }
    }
    const inForce = adopted[key]
    // What nobody wrote into the file is not asked for by it.
    if (!loaded.given.has(key)) {
      put(draft, key, inForce ?? undefined)
      return { ...row, value: inForce, from: 'record' }
    }
    if (strict === undefined) return { ...row, value: wanted, from }
    const strictness = strictnessOf(strict, inForce, wanted)
    if (strictness === 'stricter') {
      adopt[key] = wanted ?? null
      return { ...row, value: wanted, from }
    }
    if (strictness === 'looser') {
      put(draft, key, inForce)
      diagnostics.push(ignored(row, loaded, inForce))
    }
    return { ...row, value: inForce, from: strictness === 'same' ? from : 'record' }
  })
  const settings = agentSettingsSchema.parse(draft)
  diagnostics.push(...ceilingAbove(settings, mode), ...neverByRule(settings), ...notBuilt(settings))
  return { settings, digest: canonicalDigest(settings), rows, adopt, diagnostics }
}

function originOf({ given }: LoadedSettings, key: string): string {
  return given.get(key) ?? 'default'
}

function put(settings: Record<string, unknown>, key: string, value: unknown): void {
  const names = key.split('.')
  const last = names.pop() ?? ''
  const place = names.reduce((at, name) => at[name] as Record<string, unknown>, settings)
  place[last] = value
}

function ignored({ key }: SettingRow, { given }: LoadedSettings, inForce: unknown): Diagnostic {
  return {
    severity: 'warning',
    code: 'JANUS_AGENT_CONFIG_INVALID',
    summary: `${given.get(key)}: ${key} is looser than the ${JSON.stringify(inForce)} on the record, and ignored`,
    remedy: 'Propose it as a change of the settings: only an approved one makes a security setting looser.',
    path: key,
  }
}

function ceilingAbove({ operational_mode: ceiling }: AgentSettings, mode: OperationalMode): readonly Diagnostic[] {
  if (OPERATIONAL_MODES.indexOf(ceiling) <= OPERATIONAL_MODES.indexOf(mode)) return []
  return [
    {
      severity: 'info',
      code: 'JANUS_AGENT_NOT_PERMITTED',
      summary: `operational_mode is ${ceiling}, and the mode on the record is ${mode}: the configuration raises nothing`,
      remedy: `See \`janus agent mode show\`, then \`janus agent mode promote ${ceiling}\`.`,
      path: 'operational_mode',
    },
  ]
}

function notBuilt({ integrations }: AgentSettings): readonly Diagnostic[] {
  return Object.entries(integrations)
    .filter(([, { enabled }]) => enabled)
    .map(([name, { enabled: _, ...places }]) => {
      const wanted = Object.values(places).filter((place) => place !== null)
      const nothing = ['nothing is connected', ...wanted.map((place) => JSON.stringify(place))].join(', not ')
      return {
        severity: 'warning',
        code: 'JANUS_AGENT_CONFIG_INVALID',
        summary: `integrations.${name} is switched on, and is not built yet: ${nothing}`,
        remedy: `Set integrations.${name}.enabled to false.`,
        path: `integrations.${name}.enabled`,
      }
    })
}

function neverByRule({ auto_executor: { max_risk_level: level } }: AgentSettings): readonly Diagnostic[] {
  if (level === 'low') return []
  return [
    {
      severity: 'warning',
      code: 'JANUS_AGENT_CONFIG_INVALID',
      summary: `auto_executor.max_risk_level is ${level}, and its lists approve low risk only`,
      remedy: 'Set auto_executor.max_risk_level to low; a person approves what is above.',
      path: 'auto_executor.max_risk_level',
    },
  ]
}
