import * as z from '@janus/core/zod'
import { path, section, setting, texts } from '../setting.js'

/** Who the agent is, what it serves, and where it writes. */
export const identitySettings = {
  vessel_id: setting(
    z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'must be lower-case letters, digits and hyphens, at most 64')
      .default('janus-in-balaur'),
    { does: 'who the agent is; a record belongs to one' },
  ),
  vessel_type: setting(z.string().min(1).max(64).default('autonomous_agent'), {
    does: 'what kind of agent it is, shown by status',
  }),
  state_directory: setting(path().nullable().default(null), {
    does: 'directory of the record and the control socket, unless JANUS_STATE_DIR is set; null: `agent` in the state directory of Janus',
  }),
  operational_mode: setting(z.enum(['alpha', 'beta', 'omega']).default('alpha'), {
    does: 'the highest mode that is permitted; modes themselves are on the record',
  }),
  constitutional: section({
    memory_path: setting(path().nullable().default(null), {
      does: 'directory that proposals may be checked against, for reviewers',
    }),
    charter_path: setting(path().nullable().default(null), {
      does: 'charter; its digest stands on the record at every start',
    }),
    principles: setting(texts().default([]), { does: 'principles printed under every review card' }),
  }),
  logging: section({
    mission_log: setting(path().default('/srv/janus/mission_log.jsonl'), { does: 'view of the missions, for ever' }),
    tool_log: setting(path().default('/srv/janus/tool_use.jsonl'), { does: 'view of the executions, a year' }),
    proposals_log: setting(path().default('/srv/janus/proposals.jsonl'), { does: 'view of the proposals' }),
    approval_queue: setting(path().default('/srv/janus/approval_queue.jsonl'), {
      does: 'view of what waits for a decision',
    }),
    agent_log: setting(path().default('/var/log/janus/agent.log'), { does: 'events of the agent, JSON lines' }),
    intel_cache: setting(path().default('/srv/janus/intel_cache'), { does: 'directory for what tools fetched' }),
  }),
  integrations: section({
    comms_hub: section({
      enabled: setting(z.boolean().default(false), { does: 'messages between vessels; not built yet' }),
      endpoint: setting(z.string().max(2000).nullable().default(null), { does: 'where it is' }),
    }),
    oracle_trinity: section({
      enabled: setting(z.boolean().default(false), { does: 'external knowledge; not built yet' }),
      groq_endpoint: setting(z.string().max(2000).nullable().default(null), { does: 'where Groq is' }),
      wolfram_endpoint: setting(z.string().max(2000).nullable().default(null), { does: 'where Wolfram Alpha is' }),
      datacommons_endpoint: setting(z.string().max(2000).nullable().default(null), { does: 'where Data Commons is' }),
    }),
    cockpit_sync: section({
      enabled: setting(z.boolean().default(false), { does: 'copies to another machine; not built yet' }),
      endpoint: setting(z.string().max(2000).nullable().default(null), { does: 'where it is' }),
      backup_path: setting(path().nullable().default(null), { does: 'where copies lie' }),
    }),
  }),
}
