import type { Agent, AgentStatus, ProposalRow } from '../contract/agent.js'

/** What a screen asks an agent for. */
export interface ScreenAnswer {
  readonly status: AgentStatus
  /** The newest first. */
  readonly pending: readonly ProposalRow[]
  readonly running: readonly ProposalRow[]
}

const MOST_ROWS = 1000

/** Asks the agent for what the screen shows: only of what is open, so the record is not read through. */
export async function readScreen(agent: Pick<Agent, 'status' | 'list'>): Promise<ScreenAnswer> {
  const [status, pending, running] = await Promise.all([
    agent.status(),
    agent.list({ statuses: ['proposed'], limit: MOST_ROWS }),
    agent.list({ statuses: ['executing'], limit: MOST_ROWS }),
  ])
  return { status, pending, running }
}
