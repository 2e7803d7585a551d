import { type AgentSettings, agentStateDirectory, effectiveSettings, filesOf, vesselOf } from '../../../src/index.js'
import { effectivePermission } from '../../../src/mode/effective-permission.js'
import { effect, type SettingEffects } from './setting-effect.js'

const told = (settings: AgentSettings) =>
  effectiveSettings({ settings, path: 'agent.yaml', given: new Map() }, {}, 'omega').diagnostics.map(
    ({ summary }) => summary,
  )
const notBuilt = (name: string, end: string) => [`integrations.${name} is switched on, and is not built yet: ${end}`]
const endpoint = (name: string) =>
  effect('https://x.test', told, notBuilt(name, 'nothing is connected, not "https://x.test"'), {
    [`integrations.${name}.enabled`]: true,
  })

export const identityEffects: SettingEffects = {
  vessel_id: effect('other', (settings) => vesselOf(settings).id, 'other'),
  vessel_type: effect('server', (settings) => vesselOf(settings).type, 'server'),
  state_directory: effect('/a', (settings) => agentStateDirectory(settings, { janus: '/b', env: {} }), '/a'),
  operational_mode: effect('beta', (settings) => effectivePermission('omega', settings).mode, 'beta', {
    'auto_executor.enabled': true,
  }),
  'constitutional.charter_path': effect('/a', (settings) => vesselOf(settings).charterFile, '/a'),
  'constitutional.principles': effect(['do no harm'], (settings) => vesselOf(settings).principles, ['do no harm']),
  'logging.mission_log': effect('/a', (settings) => filesOf(settings).views.missions, '/a'),
  'logging.tool_log': effect('/a', (settings) => filesOf(settings).views.toolUse, '/a'),
  'logging.proposals_log': effect('/a', (settings) => filesOf(settings).views.proposals, '/a'),
  'logging.approval_queue': effect('/a', (settings) => filesOf(settings).views.approvalQueue, '/a'),
  'logging.agent_log': effect('/a', (settings) => filesOf(settings).log, '/a'),
  'logging.intel_cache': effect('/a', (settings) => filesOf(settings).intelCache, '/a'),
  'integrations.comms_hub.enabled': effect(true, told, notBuilt('comms_hub', 'nothing is connected')),
  'integrations.comms_hub.endpoint': endpoint('comms_hub'),
  'integrations.oracle_trinity.enabled': effect(true, told, notBuilt('oracle_trinity', 'nothing is connected')),
  'integrations.oracle_trinity.groq_endpoint': endpoint('oracle_trinity'),
  'integrations.oracle_trinity.wolfram_endpoint': endpoint('oracle_trinity'),
  'integrations.oracle_trinity.datacommons_endpoint': endpoint('oracle_trinity'),
  'integrations.cockpit_sync.enabled': effect(true, told, notBuilt('cockpit_sync', 'nothing is connected')),
  'integrations.cockpit_sync.endpoint': endpoint('cockpit_sync'),
  'integrations.cockpit_sync.backup_path': effect(
    '/a',
    told,
    notBuilt('cockpit_sync', 'nothing is connected, not "/a"'),
    { 'integrations.cockpit_sync.enabled': true },
  ),
}
