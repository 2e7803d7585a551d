import type { Executor } from '@janus/core'
import type { Proposal } from '../contract/proposal.js'
import type { AgentRecord } from '../record/agent-record.js'
import { visibleLine, visibleName } from '../review/visible-text.js'

/** The program that tells people that something waits for them. */
export interface NotificationScript {
  /** Absolute path; it is run with one argument, the notification as JSON. */
  readonly path: string
  readonly executor: Executor
  /** Milliseconds. Default: 10000. */
  readonly timeout?: number
}

const TIMEOUT = 10_000
const SUMMARY_CHARACTERS = 200
const MOST_OUTPUT_BYTES = 4096
/** Nothing of the agent's own environment: it may hold what nobody else is to know. */
const ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8' }

/**
 * Tells people that a proposal waits, and records whether that worked. A script that fails, hangs or is not there changes nothing else.
 * @returns whether it worked
 */
export async function notifyApprovers(
  record: AgentRecord,
  proposal: Proposal,
  script: NotificationScript,
): Promise<boolean> {
  const { path, executor, timeout = TIMEOUT } = script
  const { ok, summary } = await executor
    .run(path, [JSON.stringify(notification(proposal))], {
      env: ENVIRONMENT,
      timeout,
      maxOutput: MOST_OUTPUT_BYTES,
      cwd: '/',
    })
    .then(
      ({ exitCode, signal, timedOut }) => ({
        ok: exitCode === 0,
        summary: timedOut ? `ended after ${timeout} ms` : `ended with ${exitCode ?? signal ?? 'nothing'}`,
      }),
      (error: unknown) => ({ ok: false, summary: error instanceof Error ? error.message : String(error) }),
    )
  return record.commit(() => ({
    events: [{ type: 'notification-sent', payload: { proposal: proposal.id, ok, summary } }],
    answer: ok,
  }))
}

/** By the names of the documents. */
function notification({ id, createdAt, content, risk, digest }: Proposal): Readonly<Record<string, string>> {
  return {
    proposal_id: id,
    vessel_id: visibleName(content.vesselId),
    timestamp: createdAt,
    action_type: visibleName(content.actionType),
    risk_level: risk.level,
    summary: visibleLine(content.rationale.slice(0, SUMMARY_CHARACTERS)),
    review_command: `janus agent review ${id}`,
    approve_command: `janus agent approve ${id} ${digest.slice(0, 8)}`,
    reject_command: `janus agent reject ${id} --reason 'Your reason here'`,
  }
}
