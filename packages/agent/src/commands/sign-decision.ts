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

/** What is decided, as far as whoever decides says it. */
export interface DecisionWanted {
  readonly proposal: string
  readonly decision: 'approve' | 'reject'
  /** As typed: the beginning of the digest is enough. */
  readonly digest?: string
  readonly reason?: string
  readonly label: string | undefined
  readonly allowStale?: boolean
  readonly withdraw?: boolean
}

/** Signs decisions as the holder of one key. */
export type DecisionSigner = (agent: Agent, wanted: DecisionWanted) => Promise<SignedDecision>

/**
 * Signs a decision when a key is given.
 * @throws JANUS_AGENT_KEY_INVALID
 */
export async function signDecision(
  call: AgentCall,
  agent: Agent,
  wanted: DecisionWanted,
): Promise<SignedDecision | undefined> {
  const sign = await createDecisionSigner(call)
  return sign?.(agent, wanted)
}

/**
 * The signer of the key that is given: the file is read, and its passphrase asked for, once. The statement holds the whole digest, as the agent has it now; whether it is the one
 * that was read, the agent compares.
 * @returns undefined when no key is given
 * @throws JANUS_AGENT_KEY_INVALID
 */
export async function createDecisionSigner(call: AgentCall): Promise<DecisionSigner | undefined> {
  const file = call.text('key')
  if (file === undefined) return undefined
  const privateKey = await readPrivateKey(resolve(file), await passphraseOf(call))
  return async (agent, { proposal, decision, reason, label, allowStale = false, withdraw = false }) => {
    const { record, vesselId, recordId } = await agent.review({ proposal })
    const at = new Date().toISOString()
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
}
