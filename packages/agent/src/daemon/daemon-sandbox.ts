import { join } from 'node:path'
import type { Actor } from '../contract/actor.js'
import type { RunSandbox } from '../contract/run.js'
import { SOCKET_NAME } from '../control/control-protocol.js'
import { agentError } from '../errors/agent-error.js'
import type { LocalAgent } from '../local/local-agent.js'
import { recordDirectory } from '../local/open-local-record.js'
import { runDirectory } from '../local/run-directory.js'
import { allowedOf } from '../network/allowed-of.js'
import { openRunNetwork } from '../network/open-run-network.js'
import { createRequestBudget } from '../network/request-budget.js'
import { createRunSandbox } from '../sandbox/create-run-sandbox.js'
import type { ToolUsers } from '../sandbox/tool-users.js'
import type { AgentSettings } from '../settings/agent-settings.js'
import { paceOf } from '../settings/uses/pace-of.js'
import { sandboxPolicyOf } from '../settings/uses/sandbox-policy-of.js'
import { workspacesOf } from '../settings/uses/workspaces-of.js'
import { recordLimitViolation } from '../stop/record-limit-violation.js'

const QUOTA: Actor = { kind: 'system', name: 'quota' }
const PROPOSAL = /^janus-[0-9a-f]{12}/

/** The sandbox of a daemon: by the settings, with the network that they allow, and behind the emergency stop. */
export function daemonSandbox(
  { record, emergency }: Pick<LocalAgent, 'record' | 'emergency'>,
  settings: AgentSettings,
  {
    stateDirectory,
    toolUsers,
    onProblem,
  }: {
    readonly stateDirectory: string
    readonly toolUsers?: ToolUsers | undefined
    onProblem(problem: unknown): void
  },
): RunSandbox {
  const policy = sandboxPolicyOf(settings, { ownUid: process.geteuid?.() ?? 0, automatic: true })
  const budget = createRequestBudget(record.clock, policy.requests)
  const sandbox = createRunSandbox({
    ...policy,
    root: workspacesOf(settings).root,
    hiddenPaths: ownFiles(stateDirectory),
    mostRuns: paceOf(settings).mostRuns,
    ...(toolUsers === undefined ? {} : { toolUsers }),
    openNetwork: async (asked) => {
      const { domains, refused } = allowedOf(asked, policy.allowedDomains)
      if (refused.length > 0) {
        throw agentError('JANUS_AGENT_NETWORK_REFUSED', `the settings allow no run to reach ${refused.join(', ')}`)
      }
      return openRunNetwork({ domains, budget })
    },
  })
  emergency.signal.addEventListener('abort', () => void sandbox.close().catch(onProblem), { once: true })
  return emergency.guard(sandbox, ({ id }, { summary }) => {
    const [proposal] = PROPOSAL.exec(id) ?? []
    const named = proposal === undefined ? {} : { proposal }
    recordLimitViolation(record, { limit: 'quota', summary: `${id}: ${summary}`, by: QUOTA, ...named }).catch(onProblem)
  })
}

/** As an ordinary user a tool has the rights of the daemon itself: what is put into its sandbox must not be what the daemon goes by. */
function ownFiles(stateDirectory: string): readonly string[] {
  return [
    recordDirectory(stateDirectory),
    `${stateDirectory}.mark`,
    join(stateDirectory, 'mark'),
    join(runDirectory(stateDirectory), SOCKET_NAME),
  ]
}
