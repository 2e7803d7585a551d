import type { EnrolledKey, Signature } from '../contract/actor.js'
import { OPERATIONAL_MODES } from '../contract/mode.js'
import { decisionStatement } from '../identity/decision-statement.js'
import { type Statement, verifyStatement } from '../identity/statement.js'
import { modeStatement } from '../mode/mode-statement.js'
import { proposalDigest } from '../proposal/proposal-digest.js'
import { ENDS } from '../proposal/transition-table.js'
import type { AgentEvents, RecordedEvent } from '../record/agent-event.js'

/** Looks at the events of a record one after the other. */
export interface SignatureCheck {
  /** What is wrong with the next event, in one sentence; undefined when nothing is. */
  next(event: RecordedEvent): string | undefined
}

type Check<Type extends keyof AgentEvents> = (payload: AgentEvents[Type]) => string | undefined

/**
 * Checks what people signed against what the record says that they did: every decision that is said to be by the holder of a key, every promotion, and the digest of
 * every proposal. Needs nothing but the record itself, whose keys stand in it. Holds what is open, not what has been.
 */
export function checkSignatures(): SignatureCheck {
  const keys = new Map<string, EnrolledKey>()
  const digests = new Map<string, string>()
  let record = { recordId: '', vesselId: '' }
  let asked: AgentEvents['mode-requested'] | undefined

  const isSigned = (statement: Statement, signature: Signature): boolean => {
    const key = keys.get(signature.keyId)
    return key !== undefined && verifyStatement(key, statement, signature)
  }

  const promotion = (
    to: AgentEvents['mode-requested']['to'],
    reason: string,
    signed: AgentEvents['mode-requested']['signed'] | undefined,
  ): string | undefined => {
    const from = OPERATIONAL_MODES[OPERATIONAL_MODES.indexOf(to) - 1] ?? to
    const statement = modeStatement({ ...record, from, to, reason, at: signed?.at ?? '' })
    const isAuthorised = signed?.signatures.some(
      (signature) =>
        keys.get(signature.keyId)?.roles.includes('first-citizen') === true && isSigned(statement, signature),
    )
    return isAuthorised === true ? undefined : `no first citizen signed the promotion to ${to}`
  }

  const checks: { readonly [Type in keyof AgentEvents]?: Check<Type> } = {
    'record-created': (created) => {
      record = created
      return undefined
    },
    'key-enrolled': ({ key }) => {
      keys.set(key.keyId, key)
      return undefined
    },
    'key-revoked': ({ keyId }) => {
      keys.delete(keyId)
      return undefined
    },
    'proposal-created': ({ proposal, status }) => {
      if (status === 'proposed') digests.set(proposal.id, proposal.digest)
      return proposalDigest(proposal) === proposal.digest ? undefined : `${proposal.id} is not what its digest is of`
    },
    'proposal-moved': ({ proposal, to }) => {
      if (ENDS.has(to)) digests.delete(proposal)
      return undefined
    },
    'proposal-decided': ({ proposal, decision }) => {
      const { by, digest, signed, reason = null, label = null } = decision
      const recorded = digests.get(proposal)
      if (recorded !== undefined && recorded !== digest) return `${proposal} was decided by another digest than its own`
      if (by.kind !== 'key') return undefined
      if (signed === undefined) return `the decision of the key ${by.keyId} on ${proposal} has no signature`
      const { at, allowStale, withdraw } = signed
      const said = { proposal, digest, decision: decision.decision, reason, label, allowStale, withdraw, at }
      if (signed.keyId === by.keyId && isSigned(decisionStatement({ ...record, ...said }), signed)) return undefined
      return `the key ${by.keyId} did not sign this decision on ${proposal}`
    },
    'mode-requested': (requested) => {
      asked = requested
      return promotion(requested.to, requested.because, requested.signed)
    },
    'mode-request-cancelled': () => {
      asked = undefined
      return undefined
    },
    'mode-changed': ({ from, to, because, signed }) => {
      const before = asked
      asked = undefined
      if (OPERATIONAL_MODES.indexOf(to) <= OPERATIONAL_MODES.indexOf(from)) return undefined
      return before?.to === to ? undefined : promotion(to, because, signed)
    },
  }
  return { next: ({ type, payload }) => (checks[type] as Check<typeof type> | undefined)?.(payload as never) }
}
