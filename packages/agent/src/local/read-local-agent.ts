import type { Agent, Caller } from '../contract/agent.js'
import { agentError } from '../errors/agent-error.js'
import { findViewObstacles } from '../views/find-view-obstacles.js'
import { agentMethods } from './agent-methods.js'
import { executionMethods } from './execution-methods.js'
import type { LocalAgentOptions, ReadAgent } from './local-agent.js'
import { localAgentContext } from './local-agent-context.js'
import { openLocalRecordToRead } from './open-local-record.js'
import { thinkingMethods } from './thinking-methods.js'

/**
 * The agent of a record that is only read: shows, lists and explains beside whoever writes it; takes no lock, writes nothing and creates nothing. What would
 * change something is refused.
 * @throws what `openLocalRecordToRead` throws
 */
export async function openAgentToRead(options: LocalAgentOptions, caller: Caller): Promise<Agent> {
  return (await readLocalAgent(options)).as(caller)
}

/**
 * The same, for whoever looks at more than an {@link Agent} shows.
 * @throws what `openLocalRecordToRead` throws
 */
export async function readLocalAgent(options: LocalAgentOptions): Promise<ReadAgent> {
  const local = await openLocalRecordToRead(options)
  const context = localAgentContext(options, local, {
    frozen: () => local.frozen,
    thawed: () => undefined,
    viewProblems: async () => (options.views === undefined ? [] : findViewObstacles(options.views.paths)),
    executor: () => undefined,
    daemon: () => null,
    thinking: () => thinking,
    begin: async () => {
      throw agentError('JANUS_AGENT_NOT_PERMITTED', 'the record was opened to be read')
    },
  })
  const as = (asked: Caller): Agent => agentMethods(context, asked)
  const never = new AbortController().signal
  const thinking = thinkingMethods(() => context, { as, ended: never, tell: () => undefined })
  const { permission, obstacleTo, obstacleToRule } = executionMethods(context)
  return {
    record: local.record,
    emergency: context.emergency,
    frozen: local.frozen,
    governed: () => options.govern(local.record.state),
    as,
    obstacles: thinking.obstacles,
    permission,
    obstacleTo,
    obstacleToRule,
  }
}
