import type { RecoverReport, StepReport, UndoReport } from '@janus/core'
import { renderAction } from './change.js'
import { type Fragment, indent, join, lines, text } from './markup.js'
import type { Palette } from './palette.js'

const OUTCOMES = {
  undone: 'undone: the host is as it was before',
  incomplete: 'incomplete: see what was left',
  void: 'void: the machine has been booted since, there is nothing to undo',
  planned: 'what undoing would do',
} as const satisfies Record<UndoReport['outcome'], string>

/** What rollbacks did or would do, one after the other. */
export function renderUndoReports(palette: Palette, reports: readonly UndoReport[]): Fragment {
  if (reports.length === 0) return text`Nothing to undo.`
  return join(
    reports.map((report) => renderUndoReport(palette, report)),
    '\n\n',
  )
}

/** What a recovery found and did, or would do. */
export function renderRecoverReport(palette: Palette, { transactions, blocked }: RecoverReport): Fragment {
  if (transactions.length === 0 && blocked.length === 0)
    return text`Nothing to recover: no transaction was interrupted.`
  const held = blocked.map(
    ({ pid, subjects }) => text`${palette.bad('still in the kernel')}: process ${pid} holds ${subjects.join(', ')}`,
  )
  return join([...transactions.map((report) => renderUndoReport(palette, report)), ...held], '\n\n')
}

/** One step of a report: outcome, change, and the reason for everything but a plain success. */
export function renderStepReport(palette: Palette, { outcome, change, reason }: StepReport): Fragment {
  const good = outcome === 'done' || outcome === 'unchanged'
  const paint = good ? palette.good : outcome === 'skipped' ? palette.notice : palette.bad
  return lines(
    text`${paint(outcome.padEnd(9))} ${renderAction(change)}`,
    reason === undefined ? undefined : text`          ${reason}`,
  )
}

function renderUndoReport(palette: Palette, report: UndoReport): Fragment {
  const steps = report.steps.map((step) =>
    report.outcome === 'planned' ? renderPlanned(palette, step) : renderStepReport(palette, step),
  )
  const losses = report.losses.map(({ id, summary }) => text`${palette.notice('not brought back')} ${id}: ${summary}`)
  return lines(
    text`${palette.title('Transaction')} ${report.transaction}: ${OUTCOMES[report.outcome]}`,
    indent(lines(...steps, ...losses), 2),
  )
}

function renderPlanned(palette: Palette, { change, outcome, reason }: StepReport): Fragment {
  const remark = reason === undefined ? text`` : text` ${palette.notice(`${outcome}: ${reason}`)}`
  return lines(text`${renderAction(change)}${remark}`, text`  ${palette.faint(change.why)}`)
}
