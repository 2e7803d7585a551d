import type { Machine } from '../contract/hand.js'
import type { Plan } from '../contract/plan.js'
import { janusError } from '../errors/janus-error.js'
import { changedFacts } from '../plan/facts.js'
import { lossesOf } from '../plan/losses.js'
import { pciAddressOfSubject, subjectsOf } from '../plan/subjects.js'
import { unmetConditions } from './conditions.js'

/**
 * Refuses a plan before anything is touched: it must rest on the facts of every device it touches, every loss must be
 * accepted, every fact must still be so, and nobody may have begun to use a device since.
 * @param accepted ids of losses
 * @throws JANUS_PLAN_INVALID for missing facts; JANUS_LOSS_NOT_ACCEPTED; JANUS_PLAN_STALE naming the fact or the use; JANUS_HOST_UNREADABLE
 */
export async function requireFit(machine: Machine, plan: Plan, accepted: readonly string[]): Promise<void> {
  requireFacts(plan)
  requireAccepted(plan, accepted)
  await requireFresh(machine, plan)
  await requireUnused(machine, plan)
}

function requireAccepted(plan: Plan, accepted: readonly string[]): void {
  const missing = lossesOf(plan.changes).filter((loss) => !accepted.includes(loss.id))
  if (missing.length === 0) return
  const list = missing.map((loss) => `${loss.id}: ${loss.summary}`).join('; ')
  const remedy = `Read what is lost, then pass ${missing.map((loss) => `--accept ${loss.id}`).join(' ')}.`
  throw janusError('JANUS_LOSS_NOT_ACCEPTED', `the plan loses what undoing will not bring back (${list})`, {
    remedy,
    data: { losses: missing },
  })
}

async function requireFresh({ host }: Machine, plan: Plan): Promise<void> {
  const [changed] = await changedFacts(host, plan.facts)
  if (changed === undefined) return
  const { fact, found } = changed
  const gone = fact.name === 'location' && found === null ? ' (the device is gone)' : ''
  const message = `${fact.subject}: ${fact.name} was ${JSON.stringify(fact.value)} when the plan was made, now it is ${JSON.stringify(found)}${gone}`
  throw janusError('JANUS_PLAN_STALE', message, { data: { fact, found } })
}

/** A plan from outside that leaves its facts out would never be stale. */
function requireFacts(plan: Plan): void {
  const subjects = new Set(
    plan.changes.flatMap(subjectsOf).filter((subject) => pciAddressOfSubject(subject) !== undefined),
  )
  for (const { subject, name } of plan.facts) if (name === 'location') subjects.delete(subject)
  const [missing] = subjects
  if (missing === undefined) return
  throw janusError('JANUS_PLAN_INVALID', `the plan touches ${missing} and holds no facts about it`, {
    data: { subject: missing },
  })
}

/** Right before each step this is asked again; here it spares a human the yes. */
async function requireUnused(machine: Machine, plan: Plan): Promise<void> {
  const conditions = plan.changes.flatMap((change, index) => {
    const unused = (change.expect ?? []).filter(({ kind }) => kind === 'unused')
    return unused.filter(({ path }) => !isTouchedByAnother(plan, index, path))
  })
  const [unmet] = await unmetConditions(machine, conditions)
  if (unmet === undefined) return
  const message = `${unmet.condition.path} is in use now: ${unmet.found}`
  throw janusError('JANUS_PLAN_STALE', message, { data: { path: unmet.condition.path, found: unmet.found } })
}

/** In a profile an earlier module may be there to end the use: whether it did is known only once its steps ran. */
function isTouchedByAnother({ changes }: Plan, index: number, path: string): boolean {
  const subject = `pci:${path.slice(path.lastIndexOf('/') + 1)}`
  const { module } = changes[index] ?? {}
  return changes.slice(0, index).some((earlier) => earlier.module !== module && subjectsOf(earlier).includes(subject))
}
