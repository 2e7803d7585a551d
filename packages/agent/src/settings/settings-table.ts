import * as z from '@janus/core/zod'
import { agentSettingsSchema } from './agent-settings.js'
import type { SettingNotes } from './setting.js'

/** One key of the configuration. */
export interface SettingRow extends SettingNotes {
  /** Dotted: `approval_workflow.quorum.high`. */
  readonly key: string
  /** What it is when nobody says otherwise; undefined where that follows from other keys. */
  readonly default: unknown
}

interface Node {
  readonly properties?: Readonly<Record<string, Node>>
  readonly does?: string
  readonly strict?: SettingNotes['strict']
  readonly secret?: boolean
  readonly default?: unknown
}

/** Every key of the configuration, in the order of the schema. */
export function settingsTable(): readonly SettingRow[] {
  return rowsOf(z.toJSONSchema(agentSettingsSchema, { io: 'input', unrepresentable: 'any' }) as Node, '')
}

/** Names that may stand below a dotted key; the outermost ones for an empty one. */
export function membersOf(key: string): readonly string[] {
  const root = z.toJSONSchema(agentSettingsSchema, { io: 'input', unrepresentable: 'any' }) as Node
  const names = key === '' ? [] : key.split('.')
  const node = names.reduce<Node | undefined>((at, name) => at?.properties?.[name], root)
  return Object.keys(node?.properties ?? {})
}

/** The value at a dotted key. */
export function settingAt(settings: unknown, key: string): unknown {
  return key
    .split('.')
    .reduce<unknown>((at, name) => (at as Readonly<Record<string, unknown>> | undefined)?.[name], settings)
}

function rowsOf(node: Node, prefix: string): readonly SettingRow[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, member]) => {
    const key = prefix === '' ? name : `${prefix}.${name}`
    if (member.does === undefined) return rowsOf(member, key)
    const { does, strict, secret } = member
    return [
      {
        key,
        does,
        default: member.default,
        ...(strict === undefined ? {} : { strict }),
        ...(secret === undefined ? {} : { secret }),
      },
    ]
  })
}
