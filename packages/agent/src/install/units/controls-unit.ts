import { dirname } from 'node:path'
import type { AgentSettings } from '../../settings/agent-settings.js'
import { HEADER } from './agent-unit.js'
import { CONTROLS_HARDENING, hardeningLines } from './hardening.js'
import { type UnitLine, unitCommand, unitFile, unitWord } from './unit-file.js'
import { AGENT_UNIT, type UnitPaths } from './unit-paths.js'

/**
 * The unit of the supervisor: a small process of the same user that holds the process groups of the runs, and ends them when the agent cannot. It starts before
 * the agent and does not end with it.
 * @throws JANUS_AGENT_CONFIG_INVALID for a path that no unit can hold
 */
export function controlsUnit(settings: AgentSettings, paths: UnitPaths): string {
  const { program, config, user, group, home } = paths
  const isRoot = user === 'root'
  return unitFile(HEADER, [
    {
      name: 'Unit',
      lines: [
        ['Description', `Janus controls of ${settings.vessel_id}`],
        ['Documentation', 'man:systemd.service(5)'],
        ['Before', AGENT_UNIT],
        ['StartLimitIntervalSec', '300'],
        ['StartLimitBurst', '20'],
      ],
    },
    {
      name: 'Service',
      lines: [
        ['Type', 'exec'],
        ['ExecStart', unitCommand([program, 'agent', 'controls', '--config', config])],
        ['User', unitWord(user)],
        ['Group', unitWord(group)],
        ['WorkingDirectory', '/'],
        ['Environment', unitWord(`HOME=${home}`)],
        ['UMask', '0027'],
        ['TimeoutStopSec', '5'],
        ['Restart', 'always'],
        ['RestartSec', '1'],
        // Pressure on the host is what it is for: it must be the last to starve.
        ['OOMScoreAdjust', '-500'],
        ['CPUWeight', '500'],
        ['MemoryMax', '256M'],
        ['MemorySwapMax', '0'],
        ['TasksMax', '32'],
        ['LimitNOFILE', '4096'],
        ['LimitCORE', '0'],
        ...(isRoot ? [] : [...hardeningLines(CONTROLS_HARDENING), ...stopPlaces(settings, paths)]),
      ],
    },
    { name: 'Install', lines: [['WantedBy', 'multi-user.target']] },
  ])
}

/** It keeps a stop in a file: the configured one, or one in the state directory. */
function stopPlaces({ kill_switch: kill }: AgentSettings, { stateDirectory, writes }: UnitPaths): readonly UnitLine[] {
  const needed = [stateDirectory, dirname(kill.emergency_stop_file)]
  const places = writes.filter((place) => needed.some((path) => path === place || path.startsWith(`${place}/`)))
  return places.length === 0 ? [] : [['ReadWritePaths', places.map(unitWord).join(' ')]]
}
