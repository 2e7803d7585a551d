import { resolve } from 'node:path'
import type { Agent, SignedDecision } from '../contract/agent.js'
import { decisionStatement } from '../identity/decision-statement.js'
import { readPrivateKey } from '../identity/private-key-file.js'
import { signStatement } from '../identity/statement.js'
import type { AgentCall, AgentCommand } from './agent-command.js'
import { passphraseOf } from './passphrase.js'

/** Options of what may be signed with an enrolled key. */
export const SIGNING_OPTIONS = {
  key: { type: 'string', value: '<file>', summary: 'sign it with this private key, as its holder' },
  'passphrase-fd': { type: 'string', value: '<n>', summary: 'descriptor that the passphrase of the key is read from' },
} as const satisfies AgentCommand['options']

/** What is decided, as far as the command line says it. */
interface Wanted {
  readonly proposal: string
  readonly decision: 'approve' | 'reject'
  /** As typed: the beginning of the digest is enough. */
  readonly digest?: string
  readonly reason?: string
  readonly label: string | undefined
  readonly allowStale?: boolean
  readonly withdraw?: boolean
}

/**
 * Signs a decision when a key is given. The statement holds the whole digest, as the agent has it now; whether it is the one that was read, the agent compares.
 * @throws JANUS_AGENT_KEY_INVALID
 */
export async function signDecision(
  call: AgentCall,
  agent: Agent,
  { proposal, decision, reason, label, allowStale = false, withdraw = false }: Wanted,
): Promise<SignedDecision | undefined> {
  const file = call.text('key')
  if (file === undefined) return undefined
  const { record, vesselId, recordId } = await agent.review({ proposal })
  const at = new Date().toISOString()
  const privateKey = await readPrivateKey(resolve(file), await passphraseOf(call))
  const statement = decisionStatement({
    vesselId,
    recordId,
    proposal,
    digest: record.proposal.digest,
    decision,
    reason: reason ?? null,
    label: label ?? null,
    allowStale,
    withdraw,
    at,
  })
  return { ...signStatement(privateKey, statement), at }
}
