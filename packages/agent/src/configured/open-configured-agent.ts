import { type FoundTool, janusVersion } from '@janus/core'
import type { Agent } from '../contract/agent.js'
import type { ControlsState } from '../contract/controls.js'
import { mergeConditions } from '../controls/live-board.js'
import type { LocalAgent, LocalAgentOptions, ReadAgent } from '../local/local-agent.js'
import { openLocalAgent } from '../local/open-local-agent.js'
import { openAgentToRead, readLocalAgent } from '../local/read-local-agent.js'
import { createSystemClock, readBootId } from '../local/system-clock.js'
import type { LiveConditions } from '../mode/live-conditions.js'
import { localCaller, openAgent } from '../open-agent.js'
import type { AgentRecord } from '../record/agent-record.js'
import type { AgentSettings } from '../settings/agent-settings.js'
import { type LoadedSettings, loadSettings } from '../settings/load-settings.js'
import { filesOf } from '../settings/uses/files-of.js'
import { monitoringOf } from '../settings/uses/monitoring-of.js'
import { findStop, stopFiles } from '../stop/stop-files.js'
import { configuredStopFile } from './emergency-stop.js'
import { governBySettings } from './govern-by-settings.js'
import { overdueMaintenance } from './overdue-maintenance.js'
import { rulesInForce } from './rules-in-force.js'

/** Which agent is wanted, and for what. */
export interface ConfiguredAgentOptions {
  /** Absolute path. */
  readonly stateDirectory: string
  /** The configuration; looked for in its usual places when left out. */
  readonly config?: string | undefined
  /** What this process does with it, told to whoever finds it open. */
  readonly purpose: string
  /** What else holds the agent back right now, beside the emergency stop file and overdue maintenance: the board of the controls, see `createLiveBoard`. */
  live?(settings: AgentSettings): LiveConditions
  /** The controls, for its status. */
  controls?(): ControlsState
  /** Ends the critical stage of their relief valve. */
  resetRelief?(because: string): void
  /** Tools that packages bring; asked only where the configuration names a package. Default: none. See `janus.tools()`. */
  tools?(): Promise<readonly FoundTool[]>
}

/**
 * The agent of this machine, as it is configured: over the socket where another process serves it, else opened here.
 * @param options.readOnly only to be looked at: nothing is created, locked or changed
 * @throws what `loadSettings` and `openAgent` throw
 */
export async function openConfiguredAgent(
  options: ConfiguredAgentOptions & { readonly readOnly?: boolean },
): Promise<Agent> {
  const loaded = await loadSettings(options.config)
  const local = await localOptions(options, loaded)
  return openAgent({
    stateDirectory: options.stateDirectory,
    openLocal: () => openAndAdopt(local, loaded),
    ...(options.readOnly === true ? { openToRead: async () => openAgentToRead(local, await localCaller()) } : {}),
  })
}

/**
 * The agent in this process, as it is configured: for whoever serves it, or works with its record.
 * @throws what `loadSettings` and `openLocalAgent` throw
 */
export async function openConfiguredLocalAgent(options: ConfiguredAgentOptions): Promise<LocalAgent> {
  const loaded = await loadSettings(options.config)
  return openAndAdopt(await localOptions(options, loaded), loaded)
}

/**
 * The agent as it is configured, read only: nothing is created, locked or changed.
 * @throws what `loadSettings` and `readLocalAgent` throw
 */
export async function readConfiguredAgent(options: ConfiguredAgentOptions): Promise<ReadAgent> {
  const loaded = await loadSettings(options.config)
  return readLocalAgent(await localOptions(options, loaded))
}

async function localOptions(options: ConfiguredAgentOptions, loaded: LoadedSettings): Promise<LocalAgentOptions> {
  const { stateDirectory, purpose, live = () => ({}), controls, resetRelief, tools } = options
  const clock = createSystemClock()
  const ownUid = process.geteuid?.() ?? 0
  const namesPackages = loaded.settings.tools.some((tool) => tool.package !== undefined)
  const discovered = namesPackages ? ((await tools?.()) ?? []) : []
  return {
    stateDirectory,
    purpose,
    vesselId: loaded.settings.vessel_id,
    clock,
    version: janusVersion(),
    views: viewsOf(loaded.settings),
    govern: governBySettings({
      loaded,
      discovered,
      bootId: readBootId(),
      ownUid,
      live: (settings) =>
        mergeConditions(
          {
            emergency: findStop(stopFiles(stateDirectory, configuredStopFile(settings))),
            maintenance: overdueMaintenance(settings, clock.now(), ownUid),
          },
          live(settings),
        ),
    }),
    ...(controls === undefined ? {} : { controls }),
    ...(resetRelief === undefined ? {} : { resetRelief }),
  }
}

async function openAndAdopt(options: LocalAgentOptions, loaded: LoadedSettings): Promise<LocalAgent> {
  const agent = await openLocalAgent(options)
  try {
    if (agent.frozen === undefined) await adoptSettings(agent.record, loaded)
    return agent
  } catch (error) {
    await agent.close()
    throw error
  }
}

/** Puts security settings on the record that it does not hold yet, or that the file made stricter: from then on only an approved change makes them looser. */
async function adoptSettings(record: AgentRecord, loaded: LoadedSettings): Promise<void> {
  await record.commit((state) => {
    const { adopt } = rulesInForce(loaded, state).effective
    if (Object.keys(adopt).length === 0) return { events: [], answer: undefined }
    const by = { kind: 'system', name: 'configuration' } as const
    // As JSON: what is undefined in it is not there.
    const set = JSON.parse(JSON.stringify(adopt)) as Record<string, never>
    return { events: [{ type: 'settings-adopted', payload: { set, by } }], answer: undefined }
  })
}

function viewsOf(settings: AgentSettings): NonNullable<LocalAgentOptions['views']> {
  const { views, log } = filesOf(settings)
  const { everyEvent, proposalReasons, buffer } = monitoringOf(settings).log
  return {
    paths: {
      missionLog: views.missions,
      toolLog: views.toolUse,
      proposalsLog: views.proposals,
      approvalQueue: views.approvalQueue,
      agentLog: log,
    },
    detail: { everyEvent, proposalReasons },
    mostWaiting: buffer,
  }
}
