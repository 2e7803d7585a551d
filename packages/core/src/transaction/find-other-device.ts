import type { UndoChange } from '../contract/change.js'
import type { Host } from '../contract/host.js'
import type { Fact } from '../contract/plan.js'
import { changedFacts } from '../plan/facts.js'
import { subjectsOf } from '../plan/subjects.js'
import type { Mismatch } from './host-matches.js'

/** Facts that no binding changes: another value means another device. */
const IDENTITY: ReadonlySet<string> = new Set([
  'location',
  'vendor',
  'device',
  'subsystem-vendor',
  'subsystem-device',
  'class',
  'revision',
])

/**
 * How the device that a change touches differs from the one its plan was made for: after a hot-plug another card may
 * sit at the address. A device that is gone is none: then the change itself finds nothing to act on.
 * @param facts those of the plan
 * @throws JANUS_HOST_UNREADABLE when it cannot be known
 */
export async function findOtherDevice(
  host: Host,
  facts: readonly Fact[],
  change: UndoChange,
): Promise<Mismatch | undefined> {
  const subjects = new Set(subjectsOf(change).filter((subject) => subject.startsWith('pci:')))
  if (subjects.size === 0) return undefined
  const identity = facts.filter(({ subject, name }) => subjects.has(subject) && IDENTITY.has(name))
  const changed = (await changedFacts(host, identity)).find(({ found }) => found !== null)
  if (changed === undefined) return undefined
  const { fact, found } = changed
  return {
    path: fact.path,
    expected: `${JSON.stringify(fact.value)}, the device of the plan`,
    found: JSON.stringify(found),
  }
}
