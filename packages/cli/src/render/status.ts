import type { DriftEntry, StatusReport } from '@janus/core'
import { renderHistory } from './history.js'
import { type Fragment, join, lines, text } from './markup.js'
import type { Palette } from './palette.js'

/** What Janus has changed, and whether each thing still holds. */
export function renderStatus(palette: Palette, report: StatusReport): Fragment {
  const { stateDirectory, transactions, drift, clean, rebootPending } = report
  const held = drift.filter(({ state }) => state === 'holds').length
  const verdict = clean
    ? palette.good('clean: nothing is unfinished, everything still holds')
    : palette.bad('not clean: see what is unfinished or has drifted')
  return join(
    [
      lines(palette.title('Transactions'), renderHistory(palette, transactions)),
      ...(drift.length === 0
        ? []
        : [
            lines(
              palette.title(`What was changed (${held} of ${drift.length} hold)`),
              ...drift.map((entry) => renderDrift(palette, entry)),
            ),
          ]),
      lines(
        text`${palette.faint('journal')} ${stateDirectory}`,
        verdict,
        rebootPending ? palette.notice('a reboot is pending: until then some of it is not in effect') : undefined,
      ),
    ],
    '\n\n',
  )
}

function renderDrift(palette: Palette, { state, path, expected, found, why, transaction, step }: DriftEntry): Fragment {
  const paint = state === 'holds' ? palette.good : state === 'drifted' ? palette.bad : palette.notice
  const difference = differenceOf(state, found)
  return lines(
    text`  ${paint(state.padEnd(14))} ${path}: ${expected}${difference}`,
    text`                 ${palette.faint(`${why} (${transaction}, step ${step + 1})`)}`,
  )
}

function differenceOf(state: DriftEntry['state'], found = 'nothing'): Fragment {
  switch (state) {
    case 'holds':
      return text``
    case 'unreadable':
      return text`; ${found}`
    case 'drifted':
    case 'pending-reboot':
      return text`, found ${found}`
  }
}
