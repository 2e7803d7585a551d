import type { TransactionSummary } from '@janus/core'
import { type Fragment, text } from './markup.js'
import type { Palette } from './palette.js'
import { renderTable } from './table.js'

/** The transactions of a journal, one per line. */
export function renderHistory(palette: Palette, transactions: readonly TransactionSummary[]): Fragment {
  if (transactions.length === 0) return text`No transactions.`
  return renderTable(
    palette,
    ['TRANSACTION', 'STATE', 'STARTED', 'MODULE', 'STEPS', 'BY', 'ABOUT'],
    transactions.map((transaction) => [
      transaction.id,
      renderState(palette, transaction.state),
      transaction.startedAt,
      `${transaction.module.id} ${transaction.module.version}`,
      `${transaction.stepsDone}/${transaction.steps}`,
      actorOf(transaction),
      transaction.subjects.join(' '),
    ]),
  )
}

function renderState(palette: Palette, state: TransactionSummary['state']): Fragment {
  if (state === 'applied') return palette.good(state)
  return state === 'interrupted' || state === 'incomplete' ? palette.bad(state) : palette.faint(state)
}

function actorOf({ actor }: TransactionSummary): string {
  return actor.sudoUser === undefined ? actor.user : `${actor.sudoUser} (as ${actor.user})`
}
