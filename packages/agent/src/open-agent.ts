import { randomInt } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { isJanusError } from '@janus/core'
import type { Agent, Caller } from './contract/agent.js'
import { connectAgent } from './control/connect-agent.js'
import { agentError } from './errors/agent-error.js'
import { userName } from './identity/user-name.js'
import type { LocalAgent } from './local/local-agent.js'
import { runDirectory } from './local/run-directory.js'

/** How an agent is reached or opened. */
export interface OpenAgentOptions {
  /** Absolute path. */
  readonly stateDirectory: string
  /** Opens it in this process; see {@link openLocalAgent}. */
  openLocal(): Promise<LocalAgent>
  /** Opens it to be read only, when nobody serves it: for what shows and changes nothing. */
  openToRead?(): Promise<Agent>
  /** Milliseconds to wait for another process that has the record open without serving it. Default: 30000. */
  readonly patience?: number
  /** Milliseconds for one answer of another process. Default: 60000. */
  readonly answerTimeout?: number
}

const PATIENCE = 30_000
const SHORTEST_PAUSE = 2
const LONGEST_PAUSE = 25

/**
 * The agent, wherever it is: over the socket when another process serves it, else opened here. A process that has the record open only for a
 * moment is waited for. Where it is opened here, timeouts and changes of the rules that are due are looked at on opening and on closing.
 * @returns the agent as this user may use it; to be closed
 * @throws JANUS_AGENT_BUSY when the record stays open in another process that does not serve it; what connecting and opening throw
 */
export async function openAgent(options: OpenAgentOptions): Promise<Agent> {
  const { openLocal, openToRead, patience = PATIENCE } = options
  const until = performance.now() + patience
  for (let attempt = 1; ; attempt += 1) {
    const agent = await connect(options, attempt)
    if (agent !== undefined) return agent
    if (openToRead !== undefined) return openToRead()
    const opened = await openLocal().catch((error: unknown) => (isLocked(error) ? error : Promise.reject(error)))
    if (!isJanusError(opened)) return ownAgent(opened as LocalAgent)
    if (performance.now() >= until) {
      throw agentError('JANUS_AGENT_BUSY', `the record stays open in another process: ${opened.message}`, {
        cause: opened,
      })
    }
    await delay(randomInt(SHORTEST_PAUSE, LONGEST_PAUSE))
  }
}

/** An agent that is about to end may hang up on the first attempt. */
async function connect(
  { stateDirectory, answerTimeout }: OpenAgentOptions,
  attempt: number,
): Promise<Agent | undefined> {
  try {
    return await connectAgent({
      runDirectory: runDirectory(stateDirectory),
      ...(answerTimeout === undefined ? {} : { answerTimeout }),
    })
  } catch (error) {
    if (attempt === 1 && isJanusError(error) && error.code === 'JANUS_AGENT_UNREACHABLE') return undefined
    throw error
  }
}

/** The caller that this process is: its effective user, as the kernel knows it. */
export async function localCaller(): Promise<Caller> {
  const uid = process.geteuid?.() ?? 0
  return { actor: { kind: 'user', uid, name: await userName(uid) }, owner: true }
}

/** Where no process keeps the agent open, whoever opens it looks at what is due, before and after. */
async function ownAgent(local: LocalAgent): Promise<Agent> {
  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    try {
      await local.tick()
    } finally {
      await local.close()
    }
  }
  try {
    await local.tick()
    const agent = local.as(await localCaller())
    return {
      ...agent,
      close: () => {
        closing ??= close()
        return closing
      },
    }
  } catch (error) {
    await local.close()
    throw error
  }
}

function isLocked(error: unknown): boolean {
  return isJanusError(error) && error.code === 'JANUS_STATE_LOCKED'
}
