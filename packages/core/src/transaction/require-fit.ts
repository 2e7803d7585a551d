import type { Machine } from '../contract/hand.js'
import type { Plan } from '../contract/plan.js'
import { janusError } from '../errors/janus-error.js'
import { changedFacts } from '../plan/facts.js'
import { lossesOf } from '../plan/losses.js'

/**
 * Refuses a plan before anything is touched: every loss must be accepted, every fact must still be so.
 * @param accepted ids of losses
 * @throws JANUS_LOSS_NOT_ACCEPTED, JANUS_PLAN_STALE naming the fact, JANUS_HOST_UNREADABLE
 */
export async function requireFit(machine: Machine, plan: Plan, accepted: readonly string[]): Promise<void> {
  requireAccepted(plan, accepted)
  await requireFresh(machine, plan)
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
