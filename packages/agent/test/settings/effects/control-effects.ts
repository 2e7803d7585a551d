import {
  type AgentSettings,
  limitsOfSettings,
  missionsOf,
  monitoringOf,
  overdueMaintenance,
  paceOf,
  watchRulesOf,
} from '../../../src/index.js'
import { effectivePermission } from '../../../src/mode/effective-permission.js'
import { effect, type SettingEffects } from './setting-effect.js'

const MIB = 1024 * 1024
const HOST_BYTES = 1000 * MIB
const watch = (settings: AgentSettings) => watchRulesOf(settings, HOST_BYTES)

export const controlEffects: SettingEffects = {
  'harness.max_concurrency': effect(1, (settings) => paceOf(settings).mostRuns, 1),
  'harness.default_timeout_minutes': effect(1, (settings) => limitsOfSettings(settings, false).wallSeconds, 60),
  'harness.audit_buffer_size': effect(9, (settings) => monitoringOf(settings).log.buffer, 9),
  'harness.tick_interval': effect(2, (settings) => paceOf(settings).tickMilliseconds, 2000),
  'harness.enable_governor': effect(false, (settings) => paceOf(settings).governor, undefined),
  'harness.governor_target_backlog': effect(4, (settings) => paceOf(settings).governor?.targetBacklog, 4),
  'harness.governor_kp': effect(1, (settings) => paceOf(settings).governor?.kp, 1),
  'harness.governor_ki': effect(1, (settings) => paceOf(settings).governor?.ki, 1),
  'harness.relief_enabled': effect(false, (settings) => paceOf(settings).relief, false),
  'harness.mission_poll_interval_seconds': effect(5, (settings) => missionsOf(settings).pollMilliseconds, 5000),
  'harness.mission_state_dir': effect('/a', (settings) => missionsOf(settings).stateDirectory, '/a'),
  'watchdog.sample_interval_seconds': effect(5, (settings) => watch(settings).sampleMilliseconds, 5000),
  'watchdog.restart_on_failure': effect(false, (settings) => watch(settings).restart, 'no'),
  'watchdog.cpu_threshold_percent': effect(50, (settings) => watch(settings).mostCpuPercent, 50),
  'watchdog.memory_threshold_percent': effect(50, (settings) => watch(settings).mostMemoryBytes, 500 * MIB),
  'watchdog.memory_threshold_mb': effect(100, (settings) => watch(settings).mostMemoryBytes, 100 * MIB),
  'controls.metrics_interval_seconds': effect(5, (settings) => monitoringOf(settings).measureMilliseconds, 5000),
  'controls.enable_monitoring': effect(false, (settings) => monitoringOf(settings).anomalies, false),
  'controls.maintenance_file': effect(
    '/proc/self/no-such-file',
    (settings) => overdueMaintenance(settings, new Date(), 0),
    '/proc/self/no-such-file cannot be read: ENOENT',
  ),
  'monitoring.status_api_enabled': effect(true, (settings) => monitoringOf(settings).statusApi, {
    host: '127.0.0.1',
    port: 8470,
  }),
  'monitoring.status_api_port': effect(8471, (settings) => monitoringOf(settings).statusApi?.port, 8471, {
    'monitoring.status_api_enabled': true,
  }),
  'monitoring.prometheus_enabled': effect(true, (settings) => monitoringOf(settings).prometheus, {
    host: '127.0.0.1',
    port: 9090,
  }),
  'monitoring.prometheus_port': effect(9091, (settings) => monitoringOf(settings).prometheus?.port, 9091, {
    'monitoring.prometheus_enabled': true,
  }),
  'monitoring.metrics_export_enabled': effect(false, (settings) => monitoringOf(settings).metricsInLog, false),
  'monitoring.alert_on': effect([], (settings) => monitoringOf(settings).alertOn, new Set()),
  'debug.verbose_logging': effect(true, (settings) => monitoringOf(settings).log.everyEvent, true),
  'debug.trace_proposals': effect(true, (settings) => monitoringOf(settings).log.proposalReasons, true),
  'debug.dry_run_mode': effect(true, (settings) => effectivePermission('alpha', settings).runApproved, false),
}
