import { join } from 'node:path'
import type { AgentSettings } from '../../settings/agent-settings.js'
import { paceOf } from '../../settings/uses/pace-of.js'
import { watchRulesOf } from '../../settings/uses/watch-rules-of.js'
import { HARD_LIMITS } from '../../warrant/execution-limits.js'
import { AGENT_HARDENING, hardeningLines } from './hardening.js'
import { specifiersDoubled, type UnitLine, unitCommand, unitFile, unitWord } from './unit-file.js'
import { AGENT_ALIAS, CONTROLS_UNIT, type UnitPaths } from './unit-paths.js'

const MIB = 1024 * 1024
/** What the documents allow the service. */
const MOST_MEMORY = 28 * 1024 * MIB
const LEAST_TASKS = 200
/** In the state directory, besides the configured one. */
const STOP_FILE = 'EMERGENCY_STOP'
/** Threads of the daemon and what it starts for itself. */
const OWN_TASKS = 72

/**
 * The unit of the agent: systemd knows when it is ready and that its loops go round, ends it at once with all that it started, and gives it the cgroup
 * that runs are bounded in. As root it is not hardened: what a person approved of a module may change anything.
 * @throws JANUS_AGENT_CONFIG_INVALID for a path that no unit can hold
 */
export function agentUnit(settings: AgentSettings, paths: UnitPaths): string {
  const { program, config, user, group, home } = paths
  const isRoot = user === 'root'
  return unitFile(HEADER, [
    {
      name: 'Unit',
      lines: [
        ['Description', `Janus agent ${settings.vessel_id}`],
        ['Documentation', 'man:systemd.service(5)'],
        ['Wants', CONTROLS_UNIT],
        ['After', `${CONTROLS_UNIT} network.target`],
        ...emergencyLines(settings, paths),
        ['StartLimitIntervalSec', '300'],
        ['StartLimitBurst', '5'],
      ],
    },
    {
      name: 'Service',
      lines: [
        ['Type', 'notify'],
        // systemd-notify is a child of the daemon; the socket is shown to no tool.
        ['NotifyAccess', 'all'],
        ['ExecStart', unitCommand([program, 'agent', 'run', '--config', config])],
        ['User', unitWord(user)],
        ['Group', unitWord(group)],
        ['WorkingDirectory', '/'],
        ['Environment', unitWord(`HOME=${home}`)],
        ['UMask', '0027'],
        ['WatchdogSec', '120'],
        ['TimeoutStartSec', '120'],
        ['TimeoutStopSec', '15'],
        // The daemon ends its runs itself, at once; what is left when it is gone is killed.
        ['KillMode', 'mixed'],
        ['Restart', watchRulesOf(settings, paths.totalBytes).restart],
        ['RestartSec', '5'],
        // Another one has the state directory: starting again would not change that.
        ['RestartPreventExitStatus', '75'],
        ...limitLines(settings, paths),
        ...(isRoot ? [] : [...hardeningLines(AGENT_HARDENING), ...writeLines(paths)]),
        ...networkLines(settings, paths),
      ],
    },
    {
      name: 'Install',
      lines: [
        ['WantedBy', 'multi-user.target'],
        ['Alias', AGENT_ALIAS],
      ],
    },
  ])
}

/** What a unit written by Janus says of itself. */
export const HEADER: readonly string[] = [
  'Written by Janus (agent-install) from the settings of the agent. To change it: a drop-in, or the settings and janus agent install --apply.',
  'To undo it: janus agent install --uninstall.',
]

/** A start is refused loudly while a stop file is there; the daemon looks again, also for what this test does not see. */
function emergencyLines({ kill_switch: kill }: AgentSettings, { stateDirectory }: UnitPaths): readonly UnitLine[] {
  const files = [...(kill.enabled ? [kill.emergency_stop_file] : []), join(stateDirectory, STOP_FILE)]
  return files.map((file) => ['AssertPathExists', `!${specifiersDoubled(file)}`])
}

/** The limits of the documents, for the service as a whole; each run has its own below them. */
function limitLines(settings: AgentSettings, { totalBytes }: UnitPaths): readonly UnitLine[] {
  const memory = Math.min(MOST_MEMORY, Math.floor((totalBytes * 9) / 10))
  const tasks = paceOf(settings).mostRuns * HARD_LIMITS.processes + OWN_TASKS
  return [
    ['Delegate', 'cpu memory pids'],
    ['CPUQuota', '150%'],
    // MemoryLimit= of the documents is the name of cgroup v1 and says another number.
    ['MemoryMax', `${Math.floor(memory / MIB)}M`],
    ['MemorySwapMax', '0'],
    // A tool that is killed for its memory ends that run and not the agent.
    ['OOMPolicy', 'continue'],
    ['TasksMax', String(Math.max(LEAST_TASKS, tasks))],
    ['LimitNOFILE', '4096'],
    ['LimitCORE', '0'],
  ]
}

function writeLines({ writes }: UnitPaths): readonly UnitLine[] {
  return writes.length === 0 ? [] : [['ReadWritePaths', writes.map(unitWord).join(' ')]]
}

/** Where a tool may reach a domain its proxy judges every address, and the server of a model may be anywhere: systemd cannot know them. */
function networkLines(settings: AgentSettings, { addresses }: UnitPaths): readonly UnitLine[] {
  if (settings.security.network.allowed_domains.length > 0 || !isLocal(settings.llm.base_url)) return []
  return [
    ['IPAddressDeny', 'any'],
    ['IPAddressAllow', ['localhost', ...addresses].map(unitWord).join(' ')],
  ]
}

function isLocal(url: string | null): boolean {
  if (url === null || !URL.canParse(url)) return true
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(url).hostname)
}
