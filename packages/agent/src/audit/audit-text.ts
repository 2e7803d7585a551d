import { columns } from '../commands/render/columns.js'
import { shortLine } from '../review/short-line.js'
import { visibleLine, visibleName } from '../review/visible-text.js'
import type { AuditReport, Listed, ModeChangeReported } from './audit-report.js'
import type { RecordFilesVerification } from './verify-record-files.js'

const MOST_SUMMARY = 160

/** A report as a person reads it: fit for a terminal as it is, nothing left out but what is zero. */
export function auditText(report: AuditReport): string {
  return [...heading(report), ...work(report), ...trouble(report), ...rules(report), ...keeping(report)].join('\n')
}

/** What a verification found, as a person reads it: fit for a terminal as it is. */
export function verificationText(found: RecordFilesVerification): string {
  const { intact, records, lastSeq, lastHash, confirmedUpTo, checkpoints, problems, remarks } = found
  return [
    intact
      ? `intact: ${records} events, the last is number ${lastSeq} with the hash ${lastHash}`
      : `NOT INTACT: ${records} events could be read, up to number ${lastSeq}`,
    `checkpoints: ${checkpoints.found} found, ${checkpoints.confirmed} fit, events up to ${confirmedUpTo} are confirmed`,
    ...problems.map(({ reason, detail }) => `  ${reason}: ${visibleLine(detail)}`),
    ...remarks.map((remark) => `  note: ${visibleLine(remark)}`),
  ].join('\n')
}

function heading(report: AuditReport): readonly string[] {
  const { vesselId, recordId, since, until, events, lastSeq, mode, damage } = report
  return [
    `record      ${visibleName(recordId ?? 'unknown')} of ${visibleName(vesselId ?? 'unknown')}`,
    `period      ${since ?? 'from the beginning'} to ${until ?? 'now'}: ${events} events, the last is number ${lastSeq}`,
    `mode        ${mode}`,
    ...(damage === null ? [] : [`DAMAGED     only what stands before is reported: ${visibleLine(damage)}`]),
  ]
}

function work({ proposals, decisions, executions, notifications }: AuditReport): readonly string[] {
  const moved = Object.entries(proposals.moved).map(([status, count]) => `${count} ${status}`)
  const runs = [
    `${executions.started} started`,
    `${executions.completed} completed`,
    `${executions.failed} failed`,
    ...(executions.unknown > 0 ? [`${executions.unknown} unknown`] : []),
    ...(executions.suspended > 0 ? [`${executions.suspended} suspended`] : []),
  ]
  return [
    '',
    `proposals   ${[`${proposals.created} created`, ...moved].join(', ')}`,
    `            ${proposals.waiting} wait for a decision, ${proposals.timedOut} waited too long, ${proposals.repeated} repeated another`,
    `executions  ${runs.join(', ')}`,
    `told        ${notifications.sent} notifications sent, ${notifications.failed} failed`,
    ...section('Decisions', decisions.length === 0 ? ['  none'] : decisionTable(decisions)),
    ...listed('Failed executions', executions.failures, (one) => [one.at, one.proposal, one.code, one.summary]),
  ]
}

function decisionTable(decisions: AuditReport['decisions']): readonly string[] {
  const rows = decisions.map((one) => [
    `  ${visibleLine(one.by)}`,
    `${one.approved}`,
    `${one.rejected}`,
    duration(one.medianSeconds),
    duration(one.fastestSeconds),
    duration(one.slowestSeconds),
  ])
  return columns([['  BY', 'APPROVED', 'REJECTED', 'MEDIAN', 'FASTEST', 'SLOWEST'], ...rows])
}

function trouble({ refusals, violations, alarms }: AuditReport): readonly string[] {
  const refused = refusals.map(({ code, count, at, by, summary }) => [
    `  ${count}`,
    visibleName(code),
    `last ${at} by ${visibleLine(by)}: ${shortLine(summary, MOST_SUMMARY)}`,
  ])
  return [
    ...listed('Violations', violations, ({ at, code, by, proposal, summary }) => [
      at,
      code,
      proposal ?? '-',
      `${by}: ${summary}`,
    ]),
    ...listed('Integrity alarms', alarms, ({ at, path, summary }) => [at, path, summary]),
    ...(refused.length === 0 ? [] : section('Refusals', columns(refused))),
  ]
}

function rules({ modes, rules: changes }: AuditReport): readonly string[] {
  return [
    ...listed('Mode', modes, (one) => [one.at, modeChange(one), `${one.by}: ${one.because}`, evidenceOf(one)]),
    ...listed('Changes of the rules', changes, ({ at, what, by }) => [at, by, what]),
  ]
}

function modeChange({ what, to }: ModeChangeReported): string {
  return to === null ? what : `${what} to ${to}`
}

function evidenceOf({ evidence }: ModeChangeReported): string {
  if (evidence === null) return ''
  const { mode, days, approved, rejected, timedOut, approvalRate, violations } = evidence
  const rate = approvalRate === null ? 'no rate' : `${(approvalRate * 100).toFixed(1)} %`
  return `${days.toFixed(1)} days of ${mode}, ${approved} approved, ${rejected} rejected, ${timedOut} timed out (${rate}), ${violations} violations`
}

function keeping({ checkpoints, openings, clock }: AuditReport): readonly string[] {
  const { signed, newest } = checkpoints
  const last = newest === null ? 'NONE signed' : `${signed} signed, the newest of ${newest.size} events at ${newest.at}`
  return [
    '',
    `checkpoints ${last}`,
    `opened      ${openings.opened} times, ${openings.repaired} unfinished ends cut`,
    ...(clock.steps === 0
      ? []
      : [`clock       stepped ${clock.steps} times, at most ${clock.largestSeconds.toFixed(1)} s`]),
  ]
}

function listed<Item>(
  title: string,
  { total, newest }: Listed<Item>,
  cells: (item: Item) => readonly string[],
): readonly string[] {
  if (total === 0) return []
  const rows = newest.map((item) =>
    cells(item).map((cell, place) => `${place === 0 ? '  ' : ''}${shortLine(cell, MOST_SUMMARY)}`),
  )
  const more = total > newest.length ? ` (the newest ${newest.length} of ${total})` : ` (${total})`
  return section(`${title}${more}`, columns(rows))
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return ['', `${title}:`, ...lines]
}

/** As a person says it: `42 s`, `3 min`, `2.5 h`, `3.1 d`. */
function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${(seconds / 3600).toFixed(1)} h` : `${(seconds / 86_400).toFixed(1)} d`
}
