import type { JsonValue } from '@janus/core'
import type { AgentSettings } from '../../../src/index.js'
import { parseSettings } from '../../../src/index.js'

/** What changing one key changes. */
export interface SettingEffect {
  /** A value that is not its default. */
  readonly value: JsonValue
  /** Reads what it changes, through the function that its users call. */
  use(settings: AgentSettings): unknown
  /** What `use` reads then. */
  readonly becomes: unknown
  /** Other keys, before and after: what has to be switched on for this one to matter. */
  readonly beside: Readonly<Record<string, JsonValue>>
}

/** By dotted key. */
export type SettingEffects = Readonly<Record<string, SettingEffect>>

export function effect(
  value: JsonValue,
  use: SettingEffect['use'],
  becomes: unknown,
  beside: SettingEffect['beside'] = {},
): SettingEffect {
  return { value, use, becomes, beside }
}

/** The settings of a configuration that gives these keys. */
export async function settingsWith(keys: Readonly<Record<string, JsonValue>>): Promise<AgentSettings> {
  const root: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(keys)) {
    const names = key.split('.')
    const last = names.pop() ?? ''
    let at = root
    for (const name of names) {
      at[name] ??= {}
      at = at[name] as Record<string, unknown>
    }
    at[last] = value
  }
  return (await parseSettings(JSON.stringify(root), 'agent.json')).settings
}
