import {
  type AgentSettings,
  defaultPolicy,
  deskOf,
  effectiveSettings,
  limitsOfSettings,
  paceOf,
  sandboxPolicyOf,
  toolRegistry,
  vesselOf,
  workspacesOf,
} from '../../../src/index.js'
import { effectivePermission } from '../../../src/mode/effective-permission.js'
import { obstaclesToRule } from '../../../src/mode/permit-rule.js'
import { RESOLVE } from '../../support/decision-context.js'
import { memoryRecord } from '../../support/memory-record.js'
import { sampleProposal } from '../../support/sample-proposal.js'
import { effect, type SettingEffects } from './setting-effect.js'

const MIB = 1024 * 1024
const DAY = 24 * 3600 * 1000
const TOOLS = { tools: [{ name: 'rg', command: ['rg'] }] }
const BY_ITSELF = { operational_mode: 'beta', 'auto_executor.enabled': true }

const byPerson = (settings: AgentSettings) => sandboxPolicyOf(settings, { ownUid: 998, automatic: false })
const everybody = (settings: AgentSettings) => limitsOfSettings(settings, false)
const automatic = (settings: AgentSettings) => limitsOfSettings(settings, true)
const network = (settings: AgentSettings) => defaultPolicy(settings).rules[0]?.when.network
const obstacles = async (settings: AgentSettings) => {
  const record = await memoryRecord()
  const permission = effectivePermission('beta', settings)
  const action = { kind: 'tool', tool: 'list', args: ['logs'], kwargs: {}, network: [] } as const
  return obstaclesToRule(
    { proposal: sampleProposal({ action }), status: 'proposed' },
    record.state,
    permission,
    settings,
    RESOLVE.tool,
  )
}

export const executionEffects: SettingEffects = {
  'sandbox.root': effect('/a', (settings) => workspacesOf(settings).root, '/a'),
  'sandbox.bubblewrap_path': effect('/a', (settings) => byPerson(settings).program, '/a'),
  'sandbox.shell_path': effect('/a', (settings) => toolRegistry(settings).entries.get('own')?.command, ['/a'], {
    tools: [{ name: 'own', command: ['bash'] }],
  }),
  'sandbox.dynamic_user': effect(
    'tools',
    (settings) => sandboxPolicyOf(settings, { ownUid: 0, automatic: true }).user,
    'tools',
  ),
  'sandbox.allow_unsandboxed_dev': effect(true, (settings) => byPerson(settings).mayBeMissing, true),
  'sandbox.policy.cpu_quota_percent': effect(50, (settings) => everybody(settings).cpuPercent, 50),
  'sandbox.policy.memory_limit_mb': effect(64, (settings) => everybody(settings).memoryBytes, 64 * MIB),
  'sandbox.policy.allow_network': effect(
    true,
    (settings) => toolRegistry(settings).entries.get('list')?.allow_network,
    true,
    { tools: [{ name: 'list', command: ['/bin/ls'] }] },
  ),
  'sandbox.policy.read_only_paths': effect(['/a'], (settings) => byPerson(settings).readOnlyPaths, ['/a']),
  'sandbox.policy.writable_paths': effect(['/a'], (settings) => byPerson(settings).writablePaths, ['/a']),
  'sandbox.policy.preserved_env': effect(['PATH'], (settings) => byPerson(settings).preservedEnvironment, ['PATH']),
  tools: effect(TOOLS.tools, (settings) => defaultPolicy(settings).rules[0]?.when.tools, ['rg']),
  'auto_executor.enabled': effect(true, (settings) => effectivePermission('beta', settings).mode, 'beta', {
    operational_mode: 'beta',
  }),
  'auto_executor.poll_interval_seconds': effect(5, (settings) => paceOf(settings).pollMilliseconds, 5000),
  'auto_executor.auto_approval_source': effect('rule', (settings) => vesselOf(settings).ruleName, 'rule'),
  'auto_executor.allowed_tools': effect(['list'], obstacles, [], BY_ITSELF),
  'auto_executor.allowed_action_types': effect(
    [],
    obstacles,
    ['analysis is not in auto_executor.allowed_action_types'],
    { ...BY_ITSELF, 'auto_executor.allowed_tools': ['list'] },
  ),
  'auto_executor.max_risk_level': effect(
    'medium',
    (settings) =>
      effectiveSettings({ settings, path: 'agent.yaml', given: new Map() }, {}, 'omega').diagnostics.map(
        ({ path }) => path,
      ),
    ['auto_executor.max_risk_level'],
  ),
  'auto_executor.resource_limits.cpu_percent_max': effect(10, (settings) => automatic(settings).cpuPercent, 10),
  'auto_executor.resource_limits.memory_mb_max': effect(64, (settings) => automatic(settings).memoryBytes, 64 * MIB),
  'auto_executor.resource_limits.disk_mb_max': effect(5, (settings) => automatic(settings).diskBytes, 5 * MIB),
  'auto_executor.resource_limits.timeout_seconds': effect(7, (settings) => automatic(settings).wallSeconds, 7),
  'security.allowed_tools': effect([], (settings) => [...toolRegistry(settings).entries.keys()], [], TOOLS),
  'security.minimum_review_days': effect(9, (settings) => deskOf(settings).reviewDays, 9),
  'security.network.allowed_domains': effect(['a.test'], network, ['a.test']),
  'security.network.rate_limits.requests_per_minute': effect(1, (settings) => byPerson(settings).requests.perMinute, 1),
  'security.network.rate_limits.requests_per_hour': effect(1, (settings) => byPerson(settings).requests.perHour, 1),
  'security.filesystem.max_workspace_size_mb': effect(10, (settings) => everybody(settings).diskBytes, 10 * MIB),
  'security.filesystem.workspace_retention_days': effect(1, (settings) => workspacesOf(settings).keptMilliseconds, DAY),
  'security.filesystem.auto_cleanup_enabled': effect(
    false,
    (settings) => workspacesOf(settings).keptMilliseconds,
    undefined,
  ),
}
