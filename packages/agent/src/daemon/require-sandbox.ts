import { isJanusError } from '@janus/core'
import type { RunSandbox, SandboxSelfTest } from '../contract/run.js'
import { agentError } from '../errors/agent-error.js'
import type { LocalAgent } from '../local/local-agent.js'

/**
 * Tries the sandbox. When it does not hold everything is stopped, until a person resumes: nothing else would keep a tool in.
 * @throws JANUS_AGENT_STOPPED naming the cause, with its remedy
 */
export async function requireSandbox(
  sandbox: RunSandbox,
  emergency: LocalAgent['emergency'],
): Promise<SandboxSelfTest> {
  const found = await sandbox.selfTest().catch((error: unknown) => {
    if (!isJanusError(error)) throw error
    return { holds: false, because: error.message, remedy: error.remedy } as const
  })
  if ('probes' in found && found.holds) return found
  const { because, remedy } = found
  const summary = `the self-test of the sandbox failed: ${because ?? 'it does not hold'}`
  await emergency.stopEverything({ kind: 'self-test', summary, by: { kind: 'system', name: 'self-test' } })
  const lift = 'Then lift the stop: `janus agent resume --reason <text>`.'
  throw agentError('JANUS_AGENT_STOPPED', summary, { remedy: remedy === null ? lift : `${remedy} ${lift}` })
}
