import { canonicalDigest } from '@janus/core/ledger'
import * as z from '@janus/core/zod'
import type { Playbook, PlaybookStep, TriggerCondition } from '../contract/playbook.js'
import { agentError } from '../errors/agent-error.js'
import { parseTrigger } from './parse-trigger.js'

const name = z.string().min(1).max(200)
const step = z.union([
  z.strictObject({ tool: name, command: z.string().min(1).max(4096) }),
  z.strictObject({ tool: name, args: z.array(z.string().max(131_071)).max(500) }),
])
const playbook = z.strictObject({
  schema: z.literal('janus.playbook/1').optional(),
  playbook_id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'must be lower-case letters, digits and hyphens'),
  name,
  description: z.string().max(4000).default(''),
  trigger_conditions: z.record(name, z.unknown()).default({}),
  action_sequence: z.array(step).min(1).max(100),
  approved_by: z.string().max(200).optional(),
  approved_at: z.string().max(40).optional(),
})
const registry = z.strictObject({ playbooks: z.array(playbook).max(1000) })

/**
 * Reads a registry of playbooks in the form of the documents. Who the file says approved one counts for nothing: approvals are on the record.
 * @throws JANUS_AGENT_PLAYBOOK_INVALID naming the member
 */
export function parsePlaybooks(value: unknown): readonly Playbook[] {
  if (Array.isArray(value)) {
    throw invalid(
      'it is a list',
      'Write { "playbooks": [ … ] }; what a list of tools may approve belongs into auto_executor.allowed_tools.',
    )
  }
  const parsed = registry.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw invalid(`${issue?.path.map(String).join('.') || 'the registry'}: ${issue?.message ?? ''}`)
  }
  const { playbooks } = parsed.data
  const ids = playbooks.map(({ playbook_id }) => playbook_id)
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  if (twice !== undefined) throw invalid(`two playbooks have the id ${twice}`)
  return playbooks.map((each) => ({
    schema: 'janus.playbook/1',
    playbookId: each.playbook_id,
    name: each.name,
    description: each.description,
    triggerConditions: triggersOf(each),
    actionSequence: each.action_sequence.map(stepOf),
  }))
}

/** The digest that an approval of a playbook pins. */
export function playbookDigestOf(each: Playbook): string {
  return canonicalDigest(each)
}

function triggersOf({
  playbook_id,
  trigger_conditions,
}: z.output<typeof playbook>): Readonly<Record<string, TriggerCondition>> {
  return Object.fromEntries(
    Object.entries(trigger_conditions).map(([metric, condition]) => {
      const trigger = parseTrigger(condition)
      if (trigger !== undefined) return [metric, trigger]
      throw invalid(`${playbook_id}: the trigger ${metric}: ${JSON.stringify(condition)} is none`)
    }),
  )
}

/** A command of the documents is words between blanks: no shell reads it. */
function stepOf(given: z.output<typeof step>): PlaybookStep {
  if ('args' in given) return { tool: given.tool, args: given.args }
  return { tool: given.tool, args: given.command.trim().split(/\s+/) }
}

function invalid(problem: string, remedy?: string): Error {
  return agentError('JANUS_AGENT_PLAYBOOK_INVALID', problem, remedy === undefined ? {} : { remedy })
}
