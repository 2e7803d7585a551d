import { type AgentSettings, approvalRulesOf, deskOf, emergencyStop, watchRulesOf } from '../../../src/index.js'
import { effect, type SettingEffects } from './setting-effect.js'

const rules = (settings: AgentSettings) => approvalRulesOf(settings, 0)
const watch = (settings: AgentSettings) => watchRulesOf(settings, 1)

export const approvalEffects: SettingEffects = {
  'approval_workflow.enabled': effect(false, (settings) => rules(settings).enabled, false),
  'approval_workflow.approval_timeout_hours': effect(1, (settings) => rules(settings).timeoutSeconds, 3600),
  'approval_workflow.auto_reject_on_timeout': effect(true, (settings) => rules(settings).autoReject, true),
  'approval_workflow.notification_enabled': effect(false, (settings) => deskOf(settings).notificationScript, undefined),
  'approval_workflow.notification_script': effect('/a', (settings) => deskOf(settings).notificationScript, '/a'),
  'approval_workflow.approvers': effect([7], (settings) => rules(settings).approvers, new Set([7])),
  'approval_workflow.quorum.medium': effect(2, (settings) => rules(settings).quorum.medium, 2),
  'approval_workflow.quorum.high': effect(2, (settings) => rules(settings).quorum.high, 2),
  'approval_workflow.warrant_hours': effect(1, (settings) => rules(settings).warrantSeconds, 3600),
  'approval_workflow.max_pending': effect(3, (settings) => deskOf(settings).mostPending, 3),
  'approval_workflow.agent_uid': effect(998, (settings) => rules(settings).agentUid, 998),
  'approval_workflow.socket_group': effect(true, (settings) => deskOf(settings).socketMode, 0o660),
  'kill_switch.enabled': effect(false, emergencyStop, undefined, { 'kill_switch.emergency_stop_file': '/proc/self' }),
  'kill_switch.emergency_stop_file': effect('/proc/self', emergencyStop, '/proc/self is there'),
  'kill_switch.watchdog_violations_threshold': effect(1, (settings) => watch(settings).violationsToStop, 1),
  'kill_switch.constitutional_violation_action': effect(
    'demote',
    (settings) => watch(settings).onConstitutionalViolation,
    'demote',
  ),
}
