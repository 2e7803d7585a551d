import { type ConfigText, configProblem, readConfigText } from '@janus/core/config-text'
import { agentSettingsSchema } from './agent-settings.js'
import { membersOf } from './settings-table.js'

const SECTION = ['sandbox', 'policy'] as const

/** The members of `sandbox.policy`, in a file of their own. */
export interface SandboxPolicyFile {
  readonly members: Readonly<Record<string, unknown>>
  /** `file:line:column` of a member. */
  placeOf(member: string): string
}

/**
 * Reads the sandbox policy of the documents, `policy.json` beside the configuration.
 * @param text untrusted
 * @throws JANUS_CONFIG_INVALID with file, line and column
 */
export async function parseSandboxPolicy(text: string, path: string): Promise<SandboxPolicyFile> {
  const read = await readConfigText(text, path)
  const parsed = agentSettingsSchema.safeParse({ sandbox: { policy: read.value ?? {} } })
  if (!parsed.success) throw configProblem(shifted(read), parsed.error, (member) => membersOf(member.join('.')))
  return {
    members: (read.value ?? {}) as Readonly<Record<string, unknown>>,
    placeOf: (member) => `${path}:${read.positionOf([member]) ?? ''}`,
  }
}

/** The text as if it stood in its section of the configuration. */
function shifted(text: ConfigText): ConfigText {
  return { ...text, positionOf: (path, key) => text.positionOf(path.slice(SECTION.length), key) }
}
