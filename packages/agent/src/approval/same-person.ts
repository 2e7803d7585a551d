import type { Actor, EnrolledKey } from '../contract/actor.js'

/**
 * True when two actors are, or could be, one person: the same user, the same key, a user and their own key, two keys of one user. Where a
 * key does not say whose it is, an equal name is enough: it would prove nothing, and here it only makes us more careful.
 */
export function samePerson(one: Actor, other: Actor, keys: ReadonlyMap<string, EnrolledKey>): boolean {
  if (one.kind === 'agent' || one.kind === 'system' || other.kind === 'agent' || other.kind === 'system') {
    return one.kind === other.kind && one.name === other.name
  }
  if (one.kind === 'key' && other.kind === 'key' && one.keyId === other.keyId) return true
  const [first, second] = [uidOf(one, keys), uidOf(other, keys)]
  return first !== undefined && second !== undefined ? first === second : one.name === other.name
}

function uidOf(actor: Actor, keys: ReadonlyMap<string, EnrolledKey>): number | undefined {
  if (actor.kind === 'user') return actor.uid
  return actor.kind === 'key' ? keys.get(actor.keyId)?.uid : undefined
}
