import { setTimeout as delay } from 'node:timers/promises'
import { readConfiguredAgent } from '../configured/open-configured-agent.js'
import { describeExecution } from '../executor/describe-execution.js'
import type { ReadAgent } from '../local/local-agent.js'
import { paceOf } from '../settings/uses/pace-of.js'
import { thinkingOf } from '../settings/uses/thinking-of.js'
import { executorTools } from '../tools/executor-tools.js'
import type { DaemonOptions } from './daemon-options.js'
import { DAEMON_PURPOSE } from './open-as-daemon.js'

/** What a dry run is started with. */
export type DryRunOptions = Pick<DaemonOptions, 'stateDirectory' | 'config' | 'janus' | 'signal' | 'say' | 'env'>

/**
 * Goes the whole round of a daemon without it: reads the record anew each time the daemon would look for work, and says what would be approved by a rule, what would be run and what
 * stands in the way. Starts nothing, asks no model, takes no lock and records nothing, so that nothing of it is a fact for a gate. Runs beside a daemon as well.
 * @returns rounds that were gone
 */
export async function dryRunDaemon(options: DryRunOptions): Promise<number> {
  const { stateDirectory, config, janus, signal, say } = options
  let told = ''
  for (let round = 1; ; round += 1) {
    const agent = await readConfiguredAgent({
      stateDirectory,
      config,
      purpose: DAEMON_PURPOSE,
      tools: () => janus.tools(),
    })
    const lines = await wouldDo(agent, options)
    const pause = pauseOf(agent)
    await agent.record.close()
    const text = lines.join('\n')
    if (text !== told) for (const line of lines) say(line)
    told = text
    // Being asked to end is the end.
    await delay(pause, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return round
  }
}

async function wouldDo(agent: ReadAgent, { env }: DryRunOptions): Promise<readonly string[]> {
  const { emergency, frozen, record } = agent
  const stands = emergency.standing()
  if (stands !== undefined) return [`would not start: ${stands}`]
  if (frozen !== undefined) return [`would run nothing: the record is frozen: ${frozen}`]
  const open = [...record.state.open.values()]
  const cutOff = open.filter(({ status }) => status === 'executing').map(({ proposal }) => proposal.id)
  const lines = [
    `dry run: mode ${record.state.mode.mode}; nothing is started and nothing is recorded`,
    ...cutOff.map((id) => `${id} is being executed by another process, or was cut off`),
    ...executions(agent, env),
    ...open.filter(({ status }) => status === 'proposed').map(({ proposal }) => byRule(agent, proposal.id)),
  ]
  return [...lines, ...(await thinking(agent))]
}

function executions(agent: ReadAgent, environment: DryRunOptions['env']): readonly string[] {
  const { record, emergency } = agent
  const tools = executorTools({ entries: agent.governed().tools ?? new Map() })
  return [...record.state.open.keys()].flatMap((id) => {
    const described = describeExecution({ tools, environment, stopped: emergency.standing }, agent, id)
    if (described === undefined) return []
    const { obstacle, lines } = described
    const first = obstacle === undefined ? `${id} would run` : `${id} would not run: ${obstacle}`
    return [first, ...lines.map((line) => `  ${line}`)]
  })
}

function byRule(agent: ReadAgent, id: string): string {
  const obstacle = agent.obstacleToRule(id)
  return obstacle === undefined ? `${id} would be approved by a rule, and run` : `${id} waits for a person: ${obstacle}`
}

async function thinking(agent: ReadAgent): Promise<readonly string[]> {
  const { settings } = agent.governed()
  const cycle = settings && thinkingOf(settings)
  if (cycle === undefined) return ['would not think: thinking_cycle.enabled is false']
  const obstacles = (await agent.obstacles()) ?? []
  if (obstacles.length === 0) return [`would think every ${cycle.intervalMilliseconds / 1000} s`]
  return obstacles.map(({ because }) => `would think without proposing: ${because}`)
}

function pauseOf(agent: ReadAgent): number {
  const { settings } = agent.governed()
  return settings === undefined ? 60_000 : paceOf(settings).pollMilliseconds
}
