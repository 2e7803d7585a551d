import * as z from '@janus/core/zod'
import { approvalSettings } from './sections/approval.js'
import { controlSettings } from './sections/controls.js'
import { executionSettings } from './sections/execution.js'
import { identitySettings } from './sections/identity.js'
import { thinkingSettings } from './sections/thinking.js'

/** The whole configuration of an agent: the keys of the documents as they are, each with its default. */
export const agentSettingsSchema = z.strictObject({
  ...identitySettings,
  ...executionSettings,
  ...thinkingSettings,
  ...approvalSettings,
  ...controlSettings,
})

/** The settings of an agent. */
export type AgentSettings = z.output<typeof agentSettingsSchema>
