import * as z from '@janus/core/zod'
import { path, section, setting } from '../setting.js'

/** Who decides, and for how long. */
export const approvalSettings = {
  approval_workflow: section({
    enabled: setting(z.boolean().default(true), { does: 'false: nobody can decide anything' }),
    approval_timeout_hours: setting(z.number().min(0.01).max(8784).default(24), {
      does: 'hours until a proposal has waited too long',
    }),
    auto_reject_on_timeout: setting(z.boolean().default(false), { does: 'it is rejected then' }),
    notification_enabled: setting(z.boolean().default(true), { does: 'people are told of proposals' }),
    notification_script: setting(path().default('/usr/local/bin/janus_notify.sh'), {
      does: 'the program that tells them',
      strict: 'none',
    }),
    approvers: setting(z.array(z.int().min(0).max(4_294_967_294)).max(1000).nullable().default(null), {
      does: 'numbers of the users who may decide; null: all who reach the agent',
      strict: 'none',
    }),
    quorum: section({
      medium: setting(z.int().min(1).max(10).default(1), {
        does: 'people who must approve a medium risk',
        strict: 'higher',
      }),
      high: setting(z.int().min(1).max(10).default(1), {
        does: 'people who must approve a high risk',
        strict: 'higher',
      }),
    }),
    warrant_hours: setting(z.number().min(0.01).max(720).default(12), {
      does: 'hours that an approval is good for',
      strict: 'lower',
    }),
    max_pending: setting(z.int().min(1).max(100_000).default(1000), {
      does: 'proposals that wait at most',
      strict: 'lower',
    }),
    agent_uid: setting(z.int().min(0).max(4_294_967_294).nullable().default(null), {
      does: 'number of the user that the agent runs as, who approves nothing of the agent’s; null: whoever has the record open, unless it is root',
      strict: 'none',
    }),
    socket_group: setting(z.boolean().default(false), {
      does: 'the group of the state directory may reach the agent too',
      strict: 'false',
    }),
  }),
  kill_switch: section({
    enabled: setting(z.boolean().default(true), { does: 'the emergency stop file is looked for', strict: 'true' }),
    emergency_stop_file: setting(path().default('/srv/janus/EMERGENCY_STOP'), {
      does: 'anything of that name stops everything',
      strict: 'none',
    }),
    watchdog_violations_threshold: setting(z.int().min(1).max(1000).default(3), {
      does: 'violations of watchdog or quota that stop everything',
      strict: 'lower',
    }),
    constitutional_violation_action: setting(z.enum(['immediate_stop', 'demote']).default('immediate_stop'), {
      does: 'what a constitutional violation does',
      strict: 'none',
    }),
  }),
}
