import type { Actor } from '../contract/actor.js'
import type { LocalAgent } from '../local/local-agent.js'
import { removeOldWorkspaces } from '../sandbox/remove-old-workspaces.js'
import type { AgentSettings } from '../settings/agent-settings.js'
import { missionsOf } from '../settings/uses/missions-of.js'
import { paceOf } from '../settings/uses/pace-of.js'
import { thinkingOf } from '../settings/uses/thinking-of.js'
import { watchRulesOf } from '../settings/uses/watch-rules-of.js'
import { workspacesOf } from '../settings/uses/workspaces-of.js'
import { recordLimitViolation } from '../stop/record-limit-violation.js'
import { watchdogNotes } from '../stop/supervisor/watchdog-notes.js'
import type { DaemonLoop } from './daemon-loop.js'
import type { DaemonWorkers } from './daemon-workers.js'

/** What the loops of a daemon move. */
export interface DaemonLoopsOptions extends Pick<DaemonWorkers, 'queue' | 'auto' | 'controls'> {
  readonly agent: LocalAgent
  readonly settings: AgentSettings
  readonly runDirectory: string
  /** Measures the files that metrics tell of. */
  measureLogs(): Promise<void>
}

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
/** A model on a small machine writes for minutes. */
const LONGEST_THOUGHT = 30 * MINUTE
const VERIFIER: Actor = { kind: 'system', name: 'verification' }
const SUPERVISOR: Actor = { kind: 'system', name: 'janus-controls' }

/** The loops of a daemon, by the settings. What is switched off has none. */
export function daemonLoops(options: DaemonLoopsOptions): readonly DaemonLoop[] {
  const { agent, settings, runDirectory, queue, auto, controls } = options
  const { record, emergency } = agent
  const pace = paceOf(settings)
  const thinking = thinkingOf(settings)
  const workspaces = workspacesOf(settings)
  let last = record.clock.monotonic()

  const tick = async (): Promise<void> => {
    const now = record.clock.monotonic()
    controls.tick((now - last) / SECOND)
    last = now
    const { concurrency, network } = controls.allowance()
    queue.setConcurrency(concurrency)
    queue.setNetworkBlocked(network ? undefined : 'the controls let no run use the network now')
  }
  const sample = async (): Promise<void> => {
    await controls.sample()
    await options.measureLogs()
  }
  const noteViolations = async (): Promise<void> => {
    for (const { summary, remove } of watchdogNotes(runDirectory)) {
      await recordLimitViolation(record, { limit: 'watchdog', summary, by: SUPERVISOR })
      remove()
    }
  }
  const verify = async (): Promise<void> => {
    const { intact, damage } = await agent.as({ actor: VERIFIER, owner: false }).verifyRecord()
    if (!intact) void emergency.stopEverything({ kind: 'verification', summary: damage ?? 'damaged', by: VERIFIER })
  }
  const tidy = async (): Promise<void> => {
    const isKept = (id: string): boolean => queue.running.includes(id) || record.state.open.has(id)
    await removeOldWorkspaces(workspaces, record.clock.now().getTime(), isKept)
  }

  return [
    { name: 'tick', every: pace.tickMilliseconds, run: tick },
    { name: 'record', every: MINUTE, run: () => agent.tick() },
    { name: 'host', every: watchRulesOf(settings, 1).sampleMilliseconds, run: sample },
    { name: 'watchdog', every: SECOND, run: noteViolations },
    { name: 'missions', every: missionsOf(settings).pollMilliseconds, run: () => agent.lookForMissions() },
    ...(thinking === undefined
      ? []
      : [
          {
            name: 'thinking',
            every: thinking.intervalMilliseconds,
            longest: LONGEST_THOUGHT,
            run: async (signal: AbortSignal) => void (await agent.think(signal)),
          },
        ]),
    {
      name: 'auto-executor',
      every: pace.pollMilliseconds,
      // It waits for what it began, for as long as that runs; what does not start meanwhile, since the controls let nothing start, is no standstill.
      longest: 2 * HOUR,
      run: async (signal) => void (await auto.poll(AbortSignal.any([signal, AbortSignal.timeout(HOUR)]))),
    },
    { name: 'verification', every: HOUR, longest: HOUR, run: verify },
    { name: 'workspaces', every: HOUR, longest: HOUR, run: tidy },
  ]
}
