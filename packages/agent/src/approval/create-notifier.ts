import type { Proposal } from '../contract/proposal.js'
import type { AgentRecord } from '../record/agent-record.js'
import { type NotificationScript, notifyApprovers } from './notify-approvers.js'

/** Tells people of proposals, a few at a time. */
export interface Notifier {
  notify(proposal: Proposal): void
  /** Starts nothing more, and waits for what runs. */
  close(): Promise<void>
}

/** Scripts that run at a time. */
const AT_ONCE = 2
/** Proposals that wait to be told of; of a flood nobody is told one by one. */
const MOST_WAITING = 100

/** Starts to tell people of proposals. What is not told, because too many wait, is on the record as that. */
export function createNotifier(record: AgentRecord, script: NotificationScript): Notifier {
  const running = new Set<Promise<void>>()
  let waiting: Proposal[] = []

  const pump = (): void => {
    while (running.size < AT_ONCE) {
      const proposal = waiting.shift()
      if (proposal === undefined) return
      // A record that takes nothing more tells its other users so.
      const work = notifyApprovers(record, proposal, script).then(
        () => undefined,
        () => undefined,
      )
      running.add(work)
      void work.then(() => {
        running.delete(work)
        pump()
      })
    }
  }

  const untold = async ({ id }: Proposal): Promise<void> => {
    const summary = `not told: ${MOST_WAITING} others wait`
    await record
      .commit(() => ({
        events: [{ type: 'notification-sent', payload: { proposal: id, ok: false, summary } }],
        answer: undefined,
      }))
      .catch(() => undefined)
  }

  return {
    notify: (proposal) => {
      if (waiting.length >= MOST_WAITING) {
        void untold(proposal)
        return
      }
      waiting.push(proposal)
      pump()
    },
    close: async () => {
      waiting = []
      await Promise.all(running)
    },
  }
}
