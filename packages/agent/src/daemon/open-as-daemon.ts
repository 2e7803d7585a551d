import { setTimeout as delay } from 'node:timers/promises'
import { isJanusError } from '@janus/core'
import { agentError } from '../errors/agent-error.js'
import type { LocalAgent } from '../local/local-agent.js'

/** What the daemon says it does, to whoever finds the record open. */
export const DAEMON_PURPOSE = 'janus agent run'

const PATIENCE = 30_000
const PAUSE = 100

/**
 * Opens the agent as the only daemon of its state directory. A command that has the record open for a moment is waited for; another daemon is not.
 * @throws JANUS_AGENT_RUNNING naming its process; what opening throws
 */
export async function openAsDaemon(open: () => Promise<LocalAgent>, signal?: AbortSignal): Promise<LocalAgent> {
  const until = performance.now() + PATIENCE
  for (;;) {
    try {
      return await open()
    } catch (error) {
      if (!isJanusError(error) || error.code !== 'JANUS_STATE_LOCKED') throw error
      const holder = error.data.holder as { readonly pid?: number; readonly purpose?: string } | undefined
      if (holder?.purpose === DAEMON_PURPOSE || performance.now() >= until) {
        throw agentError('JANUS_AGENT_RUNNING', error.message, { data: { pid: holder?.pid ?? null }, cause: error })
      }
      await delay(PAUSE, undefined, { ...(signal === undefined ? {} : { signal }) })
    }
  }
}
